/* Two rows of one league beside each other. All texts are data, and go onto the page as text. */
"use strict";
(() => {
  const leagues = JSON.parse(document.getElementById("board").textContent);
  const field = (id) => document.getElementById(id);
  const [league, one, two, said] = ["league", "one", "two", "said"].map(field);

  function made(tag, text = "", attributes = {}) {
    const element = Object.assign(document.createElement(tag), attributes);
    if (text) element.textContent = text;
    return element;
  }

  function filled(select, rows, chosen) {
    select.replaceChildren(...rows.map((row, i) => made("option", row.name, { value: String(i), selected: i === chosen })));
  }

  function table(caption, heads, rows) {
    const sheet = made("table");
    sheet.append(made("caption", caption, { className: "unseen" }));
    const top = sheet.createTHead().insertRow();
    for (const head of heads) top.append(made("th", head, { scope: "col" }));
    const body = sheet.createTBody();
    for (const [first, ...cells] of rows) {
      const row = body.insertRow();
      row.append(made("th", first, { scope: "row" }), ...cells.map((cell) => made("td", cell)));
    }
    const scroll = made("div", "", { className: "scroll", tabIndex: 0 });
    scroll.setAttribute("role", "group");
    scroll.setAttribute("aria-label", `Table: ${caption}`);
    scroll.append(sheet);
    return scroll;
  }

  function show() {
    const of = leagues.find((found) => found.id === league.value);
    if (!of) return said.replaceChildren(made("p", "There is nothing to compare yet."));
    let [i, j] = [Number(one.value), Number(two.value)];
    if (i === j) return said.replaceChildren(made("p", "Choose two different ones."));
    if (i > j) [i, j] = [j, i]; // who stands higher on the board is first
    const [a, b] = [of.rows[i], of.rows[j]];
    const parts = [made("h2", `${a.name} against ${b.name}`)];
    const found = of.pairs[`${i},${j}`];
    const verdict = made("section", "", { className: "verdict" });
    verdict.setAttribute("aria-label", "Verdict");
    if (!found) verdict.append(made("p", "These two were not compared: with so many rows each is compared with the baseline alone."));
    for (const [k, answer] of (found || []).entries()) {
      if (!answer) continue;
      const [word, effect, p, reason] = answer;
      const line = made("p");
      line.append(`${of.questions[k][0]}: ${word === "undecided" ? "" : `${a.name} is `}`, made("span", word, { className: "word" }),
        ` ${effect}${p ? `, p ${p}` : ""}${reason ? ` (${reason})` : ""}`);
      verdict.append(line, made("p", `${of.questions[k][1]}.`, { className: "muted" }));
    }
    parts.push(verdict, made("h3", "Workload by workload"));
    const heads = ["Workload", ...of.columns.flatMap((column) => [`${column}: ${a.name}`, b.name])];
    parts.push(table(`${a.name} and ${b.name} by workload`, heads, of.workloads.map(([name, cells]) => [
      name, ...of.columns.flatMap((_, k) => [cells[i][k] || "–", cells[j][k] || "–"])])));
    const settings = made("div", "", { className: "beside" });
    for (const row of [a, b]) {
      const side = made("div");
      const head = made("h3");
      head.append(made("a", row.name, { href: row.page }));
      const text = made("pre", row.settings, { tabIndex: 0 });
      text.setAttribute("role", "group");
      text.setAttribute("aria-label", `Settings of ${row.name}`);
      side.append(head, made("p", `${row.by}, ${row.entry}`, { className: "muted" }), text);
      settings.append(side);
    }
    said.replaceChildren(...parts, settings);
  }

  function choose(first, second) {
    const of = leagues.find((found) => found.id === league.value);
    if (!of) return show();
    const last = of.rows.length - 1;
    filled(one, of.rows, Math.min(first, last));
    filled(two, of.rows, Math.min(second, last));
    show();
  }

  /* #suite&0&3: the league and the places of both rows in it */
  function read() {
    const [id, first, second] = decodeURIComponent(location.hash.slice(1)).split("?")[0].split("&");
    if (leagues.some((found) => found.id === id)) league.value = id;
    const place = (text, otherwise) => (/^\d+$/.test(text || "") ? Number(text) : otherwise);
    choose(place(first, 0), place(second, 1));
  }

  league.addEventListener("change", () => choose(0, 1));
  for (const select of [league, one, two]) {
    select.addEventListener("change", () => {
      show();
      location.hash = `${league.value}&${one.value}&${two.value}`;
    });
  }
  addEventListener("hashchange", read);
  read();
})();
