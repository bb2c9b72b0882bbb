import { connect } from "tautline";
import { drive } from "../drive.mjs";

await drive(async (url) => {
  const connection = await connect(url, { perMessageDeflate: { threshold: 0 } });
  connection.on("message", (data) => connection.send(data));
  await new Promise((resolve) => connection.on("close", resolve));
});
