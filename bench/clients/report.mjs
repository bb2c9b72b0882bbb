import { options, report as reportFrom } from "../servers/report.mjs";

export { options };

export const url = `ws://127.0.0.1:${options.port}/`;

/** What is sent again and again. */
export const payload = Buffer.alloc(options.size, "x");

/** Everything is under way; from now on it is asked what it uses. */
export const report = () => reportFrom(options.port);
