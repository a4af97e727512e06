/* What the page does beyond being read: choose, sort, point at, open. Without it everything is there, unsorted. */
"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector, within = document) => within.querySelector(selector);
  const root = document.documentElement;
  // the page's own words, which are in its language
  const filled = (words, values) =>
    one("#main").dataset[words].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const added = (tag, attributes = {}) => Object.assign(document.createElement(tag), attributes);

  // ------------------------------------------------------------------------------ the state, kept in the address
  // #section?hide=sgd,adam&without=digits&theme=dark: by names, so that it outlives a redrawn page

  const boxes = (menu) => all(`[data-menu="${menu}"] input`);
  const names = (menu) => boxes(menu).filter((box) => !box.checked).map((box) => box.dataset.name);
  const [place, query] = location.hash.slice(1).split("?");
  const asked = new URLSearchParams(query || "");
  let section = place;

  function remember() {
    const state = [];
    for (const [word, menu] of [["hide", "candidates"], ["without", "workloads"]]) {
      if (names(menu).length) state.push(`${word}=${names(menu).map(encodeURIComponent).join(",")}`);
    }
    if (root.dataset.theme) state.push(`theme=${root.dataset.theme}`);
    const hash = section + (state.length ? `?${state.join("&")}` : "");
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname);
  }

  function go(id) {
    const heading = id && document.getElementById(id);
    if (!heading) return;
    for (let fold = heading.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    heading.scrollIntoView();
  }

  for (const link of all('nav a[href^="#"]')) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      section = link.hash.slice(1);
      go(section);
      const summary = document.getElementById(section)?.closest("summary");
      summary?.focus({ preventScroll: true });
      remember();
    });
  }
  addEventListener("hashchange", () => go((section = location.hash.slice(1).split("?")[0])));

  // ---------------------------------------------------------------- candidates and workloads: a rule each that hides

  const rules = document.head.appendChild(added("style"));

  function choose() {
    const lines = [];
    for (const box of boxes("candidates")) {
      if (box.checked) continue;
      lines.push(`.panels .${box.value}, tr.${box.value} { display: none; }`);
      lines.push(`.looks .${box.value} { opacity: 0.55; text-decoration: line-through; }`);
    }
    const shown = boxes("candidates").filter((box) => box.checked);
    if (shown.length <= 12) { // few enough to be told apart: those drawn in grey get their colours
      for (const box of shown) {
        const line = one("path", document.getElementById(`look-${box.value}`));
        const dash = (line.getAttribute("stroke-dasharray") || "none").replaceAll(" ", ",");
        const look = `stroke: ${line.getAttribute("stroke")}; stroke-width: 1.4; stroke-dasharray: ${dash};`;
        lines.push(`.panels .faint.${box.value} path { ${look} }`);
      }
    }
    for (const box of boxes("workloads")) {
      if (!box.checked) lines.push(`[data-w="${box.value}"] { display: none; }`);
    }
    rules.textContent = lines.join("\n");
    for (const menu of ["candidates", "workloads"]) {
      const shown = boxes(menu).filter((box) => box.checked).length;
      const output = one(`[data-count="${menu}"]`);
      if (output) output.textContent = filled("of", { shown, all: boxes(menu).length });
    }
    remember();
  }

  for (const menu of all("[data-menu]")) {
    menu.addEventListener("change", choose);
    for (const button of all("[data-all]", menu)) {
      button.addEventListener("click", () => {
        for (const box of all("input", menu)) box.checked = button.dataset.all === "true";
        choose();
      });
    }
  }

  const kinds = all("select[data-kind]");
  for (const select of kinds) {
    select.addEventListener("change", () => {
      for (const box of boxes("candidates")) {
        box.checked = kinds.every((s) => !s.value || box.dataset[s.dataset.kind] === s.value);
      }
      choose();
    });
  }

  // a click on a legend's entry hides or shows; the menu does the same by keyboard
  for (const entry of all(".looks li")) {
    const box = boxes("candidates").find((b) => entry.classList.contains(b.value));
    if (!box) continue;
    entry.style.cursor = "pointer";
    entry.addEventListener("click", () => {
      box.checked = !box.checked;
      choose();
    });
  }

  document.addEventListener("click", (event) => {
    for (const menu of all(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of all(".menu[open]")) {
      menu.open = false;
      one("summary", menu).focus();
    }
    silence();
  });

  // ------------------------------------------------------------------------------------------------- light and dark

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const theme = one("[data-theme-switch]");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const label = () => (theme.textContent = isDark() ? theme.dataset.light : theme.dataset.dark);
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    label();
    remember();
  });
  dark.addEventListener("change", label);

  // ------------------------------------------------------------------------------------------------ open and close

  for (const button of all("[data-open]")) {
    button.addEventListener("click", () => {
      for (const fold of all(".fold")) fold.open = button.dataset.open === "true";
    });
  }
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not(.menu):not([open])");
    for (const fold of closed) fold.open = true;
  });
  addEventListener("afterprint", () => closed.forEach((fold) => (fold.open = false)));

  // ------------------------------------------------------------------------------------------------- sorted tables

  const sorter = new Intl.Collator(undefined, { numeric: true });
  const value = (row, column) => {
    const cell = row.cells[column];
    if (cell.dataset.v === undefined) return cell.textContent.trim();
    return cell.dataset.v === "" ? NaN : Number(cell.dataset.v);
  };
  const before = (a, b) => {
    if (typeof a === "string" || typeof b === "string") return sorter.compare(String(a), String(b));
    return a === b ? 0 : a - b;
  };

  for (const table of all("table.sortable")) {
    const heads = all("thead th", table);
    heads.forEach((head, column) => {
      const button = added("button", { type: "button", textContent: head.textContent });
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const turn = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", turn > 0 ? "ascending" : "descending");
        const body = table.tBodies[0];
        const rows = [...body.rows].map((row) => [value(row, column), row]);
        const known = rows.filter(([v]) => !Number.isNaN(v)); // what has no value stays below
        known.sort(([a], [b]) => turn * before(a, b));
        body.append(...known.map(([, row]) => row), ...rows.filter(([v]) => Number.isNaN(v)).map(([, row]) => row));
      });
    });
  }

  // ------------------------------------------------------------------------------- numbers where a mark is pointed at

  const tip = document.body.appendChild(added("div", { id: "tip" }));
  tip.setAttribute("role", "status");
  const said = new Map();
  for (const title of all(".panels g > title")) {
    said.set(title.parentNode, title.textContent);
    title.remove(); // else the browser would show it too
  }
  let lit = null;

  function silence() {
    tip.textContent = "";
    lit?.classList.remove("lit");
    for (const mark of all("g.lit")) mark.classList.remove("lit");
    lit = null;
  }

  function short(number) {
    const size = Math.abs(number);
    return size >= 1000 ? number.toFixed(0) : String(Number(number.toPrecision(size >= 0.1 && size < 1 ? 4 : 3)));
  }

  /* The numbers of a curve at a place: the nearest point of its path, through the panel's scales. */
  function numbers(mark, x) {
    const panel = mark.ownerSVGElement;
    const path = one("path", mark);
    if (!panel.dataset.axes || !path) return "";
    const scales = JSON.parse(panel.dataset.axes);
    const found = path.getAttribute("d").split("M").slice(1).flatMap((line) => {
      const values = line.match(/-?\d+(\.\d+)?/g).map(Number);
      if (line.includes("l")) for (let i = 2; i < values.length; i++) values[i] += values[i - 2]; // steps, not places
      return values;
    });
    let best = 0;
    for (let i = 0; i < found.length; i += 2) {
      if (Math.abs(found[i] - x) <= Math.abs(found[best] - x)) best = i;
    }
    const read = (v, start, end, [low, high], log) => {
      const share = (v - start) / (end - start);
      return log ? low * (high / low) ** share : low + share * (high - low);
    };
    const [left, bottom, right, top] = scales.box;
    const at = read(found[best], left, right, scales.x, scales.log[0]);
    const height = read(found[best + 1], bottom, top, scales.y, scales.log[1]);
    return filled("at", { y: `${scales.named[1]} ${short(height)}`, x: `${scales.named[0]} ${short(at)}` });
  }

  function show(mark, x, y) {
    silence();
    let text = said.get(mark);
    if (text.endsWith("…")) {
      const panel = mark.ownerSVGElement;
      const spot = new DOMPoint(x, y).matrixTransform(panel.getScreenCTM().inverse());
      const curve = numbers(mark, spot.x);
      text = text.slice(0, -1) + (curve ? ` · ${curve}` : "");
    }
    tip.textContent = text;
    light(mark.closest(".panels"), mark.getAttribute("class"));
    mark.classList.add("lit");
    tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - tip.offsetWidth - 4))}px`;
    tip.style.top = `${y + 18 + tip.offsetHeight > innerHeight ? y - tip.offsetHeight - 10 : y + 18}px`;
  }

  function light(panels, key) {
    const of = (key || "").split(" ")[0];
    if (!panels || !of) return;
    lit = panels;
    panels.classList.add("lit");
    for (const mark of all(`g.${of}`, panels)) mark.classList.add("lit");
  }

  const near = [[0, 0], [0, -4], [4, 0], [0, 4], [-4, 0], [6, -6], [6, 6], [-6, 6], [-6, -6]];
  document.addEventListener("pointermove", (event) => {
    const panels = event.target.closest?.(".panels");
    if (!panels) {
      const entry = event.target.closest?.(".looks li");
      if (tip.textContent || lit) silence();
      if (entry) light(one(".panels", entry.closest("figure")), entry.className);
      return;
    }
    for (const [dx, dy] of near) {
      const x = event.clientX + dx, y = event.clientY + dy;
      let mark = document.elementFromPoint(x, y);
      while (mark && mark !== panels && !said.has(mark)) mark = mark.parentNode;
      if (mark && said.has(mark)) return show(mark, event.clientX, event.clientY);
    }
    silence();
  });

  // by keyboard: a figure is one stop, arrows go from mark to mark
  for (const panels of all(".panels")) {
    let at = -1;
    panels.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step || event.target !== panels) return;
      const marks = all("g", panels)
        .filter((g) => said.has(g) && g.getClientRects().length)
        .filter((g, i, seen) => !i || said.get(g) !== said.get(seen[i - 1])); // a dot and its interval say the same
      if (!marks.length) return;
      event.preventDefault();
      at = (at + step + marks.length) % marks.length;
      marks[at].scrollIntoView({ block: "nearest", inline: "nearest" });
      const box = marks[at].getBoundingClientRect();
      show(marks[at], box.right, box.top + box.height / 2);
    });
    panels.addEventListener("blur", silence);
  }

  // ---------------------------------------------------------------------------------------------------------- start

  const listed = (word) => (asked.get(word) === null ? [] : new RegExp(`${word}=([^&]*)`).exec(query)[1].split(","));
  for (const [word, menu] of [["hide", "candidates"], ["without", "workloads"]]) {
    const off = new Set(listed(word).map(decodeURIComponent));
    for (const box of boxes(menu)) box.checked = !off.has(box.dataset.name);
  }
  if (["light", "dark"].includes(asked.get("theme"))) root.dataset.theme = asked.get("theme");
  label();
  for (const tools of all(".tools")) tools.hidden = false;
  choose();
  if (section) go(section);
})();
