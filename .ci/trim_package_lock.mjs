// A lock pins names, versions and hashes. Where to fetch from is the machine's business, and whom to fund
// is not ours to repeat: npm's addresses come out, so that package-lock.json names no host.
import { readFileSync, writeFileSync } from "node:fs";

const path = "package-lock.json";
const lock = JSON.parse(readFileSync(path, "utf8"));
for (const entry of Object.values(lock.packages)) {
  delete entry.resolved;
  delete entry.funding;
}
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
