import { mapBounded } from "../../../survey/pool";

describe("mapBounded", () => {
  test("bounded, in order, and all items", async () => {
    let now = 0;
    let most = 0;
    const results = await mapBounded([5, 1, 4, 2, 3], 2, async (item) => {
      most = Math.max(most, ++now);
      await new Promise((done) => setTimeout(done, item));
      now--;
      return item * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
  });

  test("no items", async () =>
    expect(await mapBounded([], 5, () => Promise.reject(new Error("none")))).toEqual([]));

  test("a failure is the caller's", async () =>
    expect(
      mapBounded([1, 2], 5, (item) =>
        item === 2 ? Promise.reject(new Error("two")) : Promise.resolve(item),
      ),
    ).rejects.toThrow("two"));
});
