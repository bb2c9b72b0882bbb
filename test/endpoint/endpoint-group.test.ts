import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EndpointGroup } from "../../src/endpoint/endpoint-group.ts";
import { resolveSettings } from "../../src/endpoint/settings.ts";
import { RECORDING, RecordingFace, recordedGroup } from "../support/recording-face.ts";

const member = () => ({ onSweep: vi.fn(), flushAtExit() {} });

test("a group shows the settings and the form of the messages that its endpoints have in common", () => {
  const settings = resolveSettings({ maxPayload: 77 });
  const group = new EndpointGroup("client", settings, RECORDING);
  expect(group).toMatchObject({ role: "client", settings, listener: RECORDING, maxPayload: 77, form: RECORDING.form });
});

test("a group shares the memory and the flushes of another one, and nothing else", () => {
  const settings = resolveSettings({});
  const one = recordedGroup("server");
  const other = new EndpointGroup("client", settings, RECORDING, one);
  expect(other.buffers).toBe(one.buffers);
  expect(other.flushes).toBe(one.flushes);
  expect(other.readers).not.toBe(one.readers);
  expect(other.open).not.toBe(one.open);
});

test("onLastGone is called each time that the last endpoint has closed, and not before", () => {
  const group = recordedGroup("server");
  const onLastGone = vi.fn();
  group.onLastGone = onLastGone;
  const [one, other, face] = [member(), member(), new RecordingFace()];
  const otherFace = new RecordingFace();
  group.open.add(one, face);
  group.open.add(other, otherFace);
  group.open.delete(face);
  expect(onLastGone).not.toHaveBeenCalled();
  group.open.delete(otherFace);
  expect(onLastGone).toHaveBeenCalledTimes(1);
  group.open.add(one, face);
  group.open.delete(face);
  expect(onLastGone).toHaveBeenCalledTimes(2);
});

describe("the sweep of a group", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("the sweep of a group runs only while an endpoint is open", async () => {
    const group = recordedGroup("server", { pingInterval: 4000, pingTimeout: 4000 });
    const setsTimer = vi.spyOn(globalThis, "setInterval");
    const clearsTimer = vi.spyOn(globalThis, "clearInterval");
    const [one, face] = [member(), new RecordingFace()];
    expect(setsTimer).not.toHaveBeenCalled();
    group.open.add(one, face);
    expect(setsTimer).toHaveBeenCalledTimes(1);
    const before = group.now;
    vi.advanceTimersByTime(1000);
    await new Promise(setImmediate);
    expect(one.onSweep.mock.calls).toEqual([[before + 1000]]);
    expect(group.now).toBe(before + 1000);
    group.open.delete(face);
    expect(clearsTimer).toHaveBeenCalledTimes(1);
    vi.restoreAllMocks();
  });
});
