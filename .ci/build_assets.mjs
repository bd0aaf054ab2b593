// Builds static/built/ from our own sources and the locked npm packages: one stylesheet for each writing
// direction, the scripts that pages load, and the fonts that letters are set in.
//
// The output is put together in a sibling folder and swapped in at the end, so that a failed build leaves
// the last good one in place.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import rtlcss from "rtlcss";
import * as sass from "sass";

const MODULES = "node_modules";
const BUILT = "static/built";
const NEXT = "static/built.next";

// The families that between them cover every language a letter can be written in. Typst reads TTF only.
// Vazirmatn serves Arabic, Persian and Urdu: text copied out of the newer Noto Arabic builds comes out garbled.
const FONTS = {
  "noto-sans": "NotoSans",
  vazirmatn: "Vazirmatn",
  "noto-sans-bengali": "NotoSansBengali",
  "noto-sans-devanagari": "NotoSansDevanagari",
  "noto-sans-tc": "NotoSansTC",
};
const WEIGHTS = ["400Regular", "700Bold"];

const SCRIPTS = {
  "htmx.min.js": "htmx.org/dist/htmx.min.js",
  "govuk-frontend.min.js": "govuk-frontend/dist/govuk/govuk-frontend.min.js",
};
function copy(from, to) {
  if (!existsSync(join(MODULES, from))) throw new Error(`${from} is not in ${MODULES}: run "make assets" again`);
  cpSync(join(MODULES, from), join(NEXT, to));
}

function stylesheets() {
  const { css } = sass.compile("static/css/app.scss", {
    importers: [new sass.NodePackageImporter()],
    quietDeps: true,
    style: "compressed",
  });
  writeFileSync(join(NEXT, "app.css"), css);
  writeFileSync(join(NEXT, "app.rtl.css"), rtlcss.process(css) + readFileSync("static/css/rtl.css", "utf8"));
}

function fonts() {
  for (const [folder, family] of Object.entries(FONTS)) {
    for (const weight of WEIGHTS) {
      const file = `${family}_${weight}.ttf`;
      copy(`@expo-google-fonts/${folder}/${weight}/${file}`, `fonts/${file}`);
    }
    copy(`@expo-google-fonts/${folder}/LICENSE_FONT`, `licences/${family}.txt`);
  }
}

// A phone on a bad line gets a quarter of the bytes; done here, so that no request pays for it.
function squeezed() {
  for (const name of readdirSync(NEXT)) {
    if (/\.(css|js)$/.test(name)) writeFileSync(join(NEXT, `${name}.gz`), gzipSync(readFileSync(join(NEXT, name)), { level: 9 }));
  }
}

rmSync(NEXT, { recursive: true, force: true });
mkdirSync(NEXT, { recursive: true });
stylesheets();
for (const [name, source] of Object.entries(SCRIPTS)) copy(source, name);
fonts();
squeezed();
rmSync(BUILT, { recursive: true, force: true });
renameSync(NEXT, BUILT);
