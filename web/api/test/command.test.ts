import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, once, undecidedRequest } from "../src";

const lost = () => new ApiError("offline", 0);

describe("a command", () => {
  beforeEach(() => {
    sessionStorage.clear();
    vi.useFakeTimers();
    return () => vi.useRealTimers();
  });

  it("is sent once by two clicks", async () => {
    const send = vi.fn((key: string) => Promise.resolve(key));
    const [first, second] = await Promise.all([once("order", { a: 1 }, send), once("order", { a: 1 }, send)]);
    expect(send).toHaveBeenCalledTimes(1);
    expect(first).toBe(second);
  });

  it("keeps its key through lost answers and over a reload", async () => {
    const keys: string[] = [];
    const failing = once("order", { a: 1 }, (key) => {
      keys.push(key);
      return Promise.reject(lost());
    });
    const refused = expect(failing).rejects.toThrow("offline");
    await vi.runAllTimersAsync();
    await refused;
    expect(undecidedRequest("order")).toEqual({ a: 1 });
    // Only sessionStorage survives a reload.
    await once("order", { a: 1 }, (key) => {
      keys.push(key);
      return Promise.resolve("done");
    });
    expect(new Set(keys).size).toBe(1);
    expect(keys.length).toBe(5);
    expect(undecidedRequest("order")).toBeUndefined();
  });

  it("has a new key after a refusal, and for another request", async () => {
    const keys: string[] = [];
    const refuse = (key: string) => {
      keys.push(key);
      return Promise.reject(new ApiError("out_of_stock", 409));
    };
    await expect(once("order", { a: 1 }, refuse)).rejects.toThrow("out_of_stock");
    await expect(once("order", { a: 1 }, refuse)).rejects.toThrow("out_of_stock");
    await expect(once("order", { a: 2 }, refuse)).rejects.toThrow("out_of_stock");
    expect(new Set(keys).size).toBe(3);
  });

  it("waits as long as a busy shop says", async () => {
    const busy = new ApiError("busy", 503, "", [], "", 5);
    const send = vi.fn<(key: string) => Promise<string>>().mockRejectedValueOnce(busy).mockResolvedValue("done");
    const answer = once("order", {}, send);
    await vi.advanceTimersByTimeAsync(4_900);
    expect(send).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(send).toHaveBeenCalledTimes(2);
    expect(await answer).toBe("done");
  });
});
