/* What the board does beyond being read: choose what is shown, and keep that in the address. */
"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const filters = Object.fromEntries(all("[data-filter]").map((field) => [field.dataset.filter, field]));
  const count = document.querySelector("[data-shown]");

  function choose() {
    const { kind, family, ruleset, text } = Object.fromEntries(
      Object.entries(filters).map(([name, field]) => [name, field.value.trim().toLowerCase()]));
    const exact = filters.family.value;
    let shown = 0;
    let total = 0;
    for (const league of all(".league")) {
      const sheets = all("[data-family]", league);
      const known = sheets.some((sheet) => sheet.dataset.family === exact);
      const fits = (!ruleset || league.dataset.ruleset === ruleset) && known;
      let rows = 0;
      for (const sheet of sheets) {
        const mine = sheet.dataset.family === exact;
        sheet.hidden = !mine;
        for (const row of all("tbody tr", sheet)) {
          const kept = (!kind || row.dataset.kinds.split(" ").includes(kind))
            && (!text || row.textContent.toLowerCase().includes(text));
          row.hidden = !kept;
          if (mine && kept && fits) rows += 1;
        }
        if (!sheet.dataset.family) total += all("tbody tr", sheet).length;
      }
      // words and picture are about all workloads
      for (const part of all(".verdict, figure", league)) part.hidden = Boolean(family);
      league.hidden = !fits || rows === 0;
      shown += rows;
    }
    count.textContent = `${shown} of ${total} rows`;
  }

  for (const field of Object.values(filters)) field.addEventListener("input", choose);
  choose();
})();
