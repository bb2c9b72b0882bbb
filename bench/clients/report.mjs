import { options, report as reportFrom } from "../servers/report.mjs";

export { options };

export const url = `ws://127.0.0.1:${options.port}/`;

/** The message that a client sends again and again. */
export const payload = Buffer.alloc(options.size, "x");

/** Tells the bench that all connections are open and busy. */
export const report = () => reportFrom(options.port);
