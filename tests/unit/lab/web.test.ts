import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "../../../lab/web";

test("a web server goes on after a file that is not there", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nodeprep-web-"));
  writeFileSync(join(folder, "there"), "content");
  const web = await serve(folder, ["there", "gone"]);
  const at = `http://127.0.0.1:${web.port}`;
  await expect(fetch(`${at}/gone`)).rejects.toThrow("fetch failed");
  expect(await (await fetch(`${at}/there`)).text()).toBe("content");
  expect(await (await fetch(`${at}/else`)).text()).toBe("outside\n");
  web.close();
  rmSync(folder, { recursive: true });
});
