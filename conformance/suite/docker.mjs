import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";

const RELEASE = "25.10.1";
const IMAGE = `crossbario/autobahn-testsuite:${RELEASE}`;
const onLinux = process.platform === "linux";

/** On Linux a container can use the host's own network. On other systems Docker runs in a virtual machine. */
function networkFor(port) {
  if (onLinux) return ["--network", "host"];
  return port === undefined ? [] : ["--publish", `127.0.0.1:${port}:${port}`];
}

function user() {
  return onLinux ? ["--user", `${process.getuid()}:${process.getgid()}`] : [];
}

/** The suite as its authors' image. @returns `null` if no Docker engine answers */
export function findDockerSuite() {
  const { status, stdout } = spawnSync("docker", ["version", "--format", "{{.Server.Version}}"], { encoding: "utf8" });
  if (status !== 0) return null;
  return {
    name: `${IMAGE} on Docker ${stdout.trim()}`,
    release: RELEASE,
    host: onLinux ? "127.0.0.1" : "host.docker.internal",
    listenOn: onLinux ? "127.0.0.1" : "0.0.0.0",
    start: (args, { folder, port }) => {
      const name = `tautline-conformance-${randomUUID()}`;
      const options = ["--rm", "--name", name, "--volume", `${folder}:/conformance`, "--workdir", "/conformance"];
      const container = [...options, ...networkFor(port), ...user(), IMAGE, "wstest", ...args];
      const child = spawn("docker", ["run", ...container], { stdio: ["ignore", "pipe", "pipe"] });
      return { child, stop: () => spawnSync("docker", ["kill", name], { stdio: "ignore" }) };
    },
  };
}
