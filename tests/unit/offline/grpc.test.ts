import { whenEngineIsGone } from "../../../offline/grpc";

test("a plugin leaves once when the engine is gone, not every time that it looks", () => {
  const parent = jest.replaceProperty(process, "ppid", 4242);
  jest.useFakeTimers();
  const leave = jest.fn();
  whenEngineIsGone(leave);
  jest.advanceTimersByTime(10_000);
  expect(leave).not.toHaveBeenCalled();
  parent.replaceValue(1);
  jest.advanceTimersByTime(10_000);
  expect(leave).toHaveBeenCalledTimes(1);
  jest.useRealTimers();
  parent.restore();
});
