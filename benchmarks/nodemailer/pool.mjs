// Nodemailer's pool with ten connections: composes HTML and text for each recipient. Prints its times as JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const require = createRequire(path.join(here, "../../build/bench/node/"));
const nodemailer = require("nodemailer");
const [port, mails] = process.argv.slice(2).map(Number);

const filler = "Our partners ask for traffic that converts, and the new landing page does better on small screens. ";

function parts(n) {
  const values = [`Dana${n % 5}`, `Whitfield${n}`, 100000 + n, `Bright Leads LLC ${n}`, `person${n}@company.example`,
    `Group ${n % 7}`, `Marco${n % 9}`, "Reyes", `marco${n % 9}@network.example`, `+1 801 555 010${n % 9}`];
  const rows = values.map((value) => `<p>${filler} ${value}</p>`);
  for (let link = 0; link < 12; link++) {
    rows.push(`<p><a href="https://network.example/offers/${link}?a=${100000 + n}&amp;place=${link}">Offer ${link}</a></p>`);
  }
  let html = rows.join("\n");
  while (html.length < 4650) html += `\n<p style="margin:0 0 16px">${filler}</p>`;
  const text = html.replace(/<[^>]*>/g, "");
  return { html: `<html><body>${html}</body></html>`, text };
}

function mail(n) {
  return {
    from: "Northwind Partners <news@mail.network.example>",
    to: `person${n}@company${n % 97}.example`,
    replyTo: "partners@network.example",
    subject: `Dana${n % 5}, three new offers for you`,
    messageId: `<${n}.ab12cd@mail.network.example>`,
    headers: {
      "List-Unsubscribe": `<https://desk.network.example/u/${n}Qk2Vn8sT1xYz0aBcDe>`,
      "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    },
    ...parts(n),
  };
}

const transport = nodemailer.createTransport({
  pool: true, maxConnections: 10, maxMessages: Infinity, host: "127.0.0.1", port, secure: false, ignoreTLS: true,
});

async function send(count) {
  let sent = 0;
  let next = 0;
  const lane = async () => {
    while (next < count) {
      await transport.sendMail(mail(next++));
      sent++;
    }
  };
  await Promise.all(Array.from({ length: 20 }, lane));
  return sent;
}

await send(20);
const before = process.cpuUsage();
const started = process.hrtime.bigint();
const sent = await send(mails);
const seconds = Number(process.hrtime.bigint() - started) / 1e9;
const used = process.cpuUsage(before);
transport.close();
// Of this program alone: what getrusage says counts the program that started it, too.
const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
console.log(JSON.stringify({ sent, seconds, cpu: (used.user + used.system) / 1e6, rss_mb: peak / 1024 }));
