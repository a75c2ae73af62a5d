// Copies what the pages need out of the locked packages. Usage: node scripts/build_assets.mjs NODE_MODULES TARGET
import fs from "node:fs";
import path from "node:path";

const [, , modules, target] = process.argv;
fs.mkdirSync(target, { recursive: true });
const copy = (from, to) => fs.copyFileSync(path.join(modules, from), path.join(target, to));
copy("bootstrap/dist/css/bootstrap.min.css", "bootstrap.min.css");
copy("htmx.org/dist/htmx.min.js", "htmx.min.js");
copy("squire-rte/dist/squire.js", "squire.js");
copy("@fontsource-variable/inter/files/inter-latin-wght-normal.woff2", "inter-latin.woff2");
copy("@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2", "inter-latin-ext.woff2");

const names = `layout-dashboard send users tag template world-check ban list-details mail-cog user-shield history mail server server-2 cloud plug folder
check x alert-triangle help clock refresh player-pause player-play copy search chevron-down chevron-right chevron-left chevron-up plus download upload
lock key eye device-mobile device-desktop external-link menu-2 file-text arrow-right arrow-left circle-check circle-x help-circle circle-minus circle-dashed
hourglass pencil braces bold italic link list calendar filter info-circle shield-lock loader-2 selector login rosette-discount-check user-plus dots logout moon arrow-up sun mail-forward stethoscope`.split(/\s+/);
const symbols = names.map((name) => {
  const svg = fs.readFileSync(path.join(modules, "@tabler/icons/icons/outline", `${name}.svg`), "utf8");
  const inner = svg.replace(/[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${inner}</symbol>`;
});
fs.writeFileSync(path.join(target, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
