// The same violation as in server.mjs.
import { connect } from "tautline";
import { drive } from "../../../conformance/peers/drive.mjs";

await drive(async (url) => {
  const connection = await connect(url);
  connection.on("message", (data) => connection.send(data.length === 125 ? data.slice(1) : data));
  await new Promise((resolve) => connection.on("close", resolve));
});
