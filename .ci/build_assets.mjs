// Builds static/built/ from our own sources and the locked npm packages: one stylesheet for each writing
// direction, the scripts that pages load, the small fonts of pages and the whole fonts of letters.
//
// The output is put together in a sibling folder and swapped in at the end, so that a failed build leaves
// the last good one in place.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { buildSync } from "esbuild";
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

// What .ci/build_fonts.py has cut, and whose licence it carries.
const CUT = "build/web-fonts";
const CUT_FROM = ["noto-naskh-arabic", "noto-sans-bengali", "noto-sans-devanagari"];

const SCRIPTS = { "htmx.min.js": "htmx.org/dist/htmx.min.js" };

function copy(from, to) {
  if (!existsSync(join(MODULES, from))) throw new Error(`${from} is not in ${MODULES}: run "make assets" again`);
  cpSync(join(MODULES, from), join(NEXT, to));
}

function stylesheets() {
  const options = { importers: [new sass.NodePackageImporter()], quietDeps: true, style: "compressed" };
  const { css } = sass.compile("static/css/app.scss", options);
  const mirrored = rtlcss.process(css) + readFileSync("static/css/rtl.css", "utf8");
  writeFileSync(join(NEXT, "staff.css"), sass.compile("static/css/staff.scss", options).css);
  writeFileSync(join(NEXT, "app.css"), versioned(css));
  writeFileSync(join(NEXT, "app.rtl.css"), versioned(mirrored));
}

// An address that changes with its content may be kept for ever.
function versioned(css) {
  return css.replace(/url\("?(web\/[\w-]+\.woff2)"?\)/g, (_, path) => {
    const version = createHash("sha256").update(readFileSync(join(NEXT, path))).digest("hex").slice(0, 10);
    return `url("${path}?v=${version}")`;
  });
}

// Our own script with those components of GOV.UK Frontend that it starts: one file, one request.
function script() {
  buildSync({
    entryPoints: ["static/js/app.js"],
    outfile: join(NEXT, "app.js"),
    bundle: true,
    format: "esm",
    minify: true,
    target: "es2020",
    logLevel: "warning",
  });
}

function webFonts() {
  cpSync(CUT, join(NEXT, "web"), { recursive: true, filter: (path) => !path.endsWith(".built") });
  for (const name of CUT_FROM) copy(`@fontsource/${name}/LICENSE`, `licences/${name}.txt`);
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
    if (!/\.(css|js)$/.test(name)) continue;
    const whole = readFileSync(join(NEXT, name));
    writeFileSync(join(NEXT, `${name}.gz`), gzipSync(whole, { level: 9 }));
    writeFileSync(join(NEXT, `${name}.br`), brotliCompressSync(whole));
  }
}

rmSync(NEXT, { recursive: true, force: true });
mkdirSync(NEXT, { recursive: true });
webFonts();
stylesheets();
script();
for (const [name, source] of Object.entries(SCRIPTS)) copy(source, name);
fonts();
squeezed();
rmSync(BUILT, { recursive: true, force: true });
renameSync(NEXT, BUILT);
