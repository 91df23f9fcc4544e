// The table of errors. Units come as JSON and are written with textContent only. The page may stand in a sandboxed frame, where
// the address cannot be read or written: then it only forgets its filters.
"use strict";
(() => {
  const CHUNK = 100, CUT = 400;
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const rows = data.rows.map(([axis, unit, truth, predicted, p, abstained]) => ({
    ...data.units[unit], axis, p, truth: data.labels[axis][truth], predicted: data.labels[axis][predicted],
    confidence: Math.max(...p), abstained: abstained ? "yes" : "no", stretches: data.units[unit].sentence,
    sentence: data.units[unit].sentence.join(""),
  }));
  for (const row of rows) row.haystack = [row.sentence, row.id, row.document, row.source, row.date, row.actor].join("\n").toLowerCase();
  const selects = [...document.querySelectorAll("select[data-filter]")];
  const heads = [...document.querySelectorAll("th[data-key]")];
  const text = byId("filter-text"), all = byId("show-all"), body = document.querySelector("#errors tbody"), more = byId("more");
  const FIRST = { key: "confidence", down: true };
  let sort = { ...FIRST }, found = [], drawn = 0;

  for (const select of selects) {
    const values = [...new Set(rows.map((row) => row[select.dataset.filter]))].sort();
    for (const value of values) select.append(new Option(value, value));
  }

  const element = (tag, className, content) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (content !== undefined) made.textContent = content;
    return made;
  };

  // A sentence, the actor's words marked; a very long one is cut until it is asked for.
  function sentence(row) {
    const cell = element("td", "sentence");
    const write = (limit) => {
      let left = limit;
      const parts = [];
      for (const [i, stretch] of row.stretches.entries()) {
        if (left <= 0) break;
        const part = stretch.length > left ? stretch.slice(0, left) : stretch;
        left -= part.length;
        if (part) parts.push(element(i % 2 ? "mark" : "span", "", part));
      }
      cell.replaceChildren(...parts);
    };
    if (row.sentence.length <= CUT) write(Infinity);
    else {
      write(CUT);
      const button = element("button", "rest", `… all ${row.sentence.length.toLocaleString("en")} characters`);
      button.type = "button";
      button.addEventListener("click", () => write(Infinity));
      cell.append(button);
    }
    return cell;
  }

  function probabilities(row) {
    const cell = element("td", "p");
    for (const [i, label] of data.labels[row.axis].entries()) {
      const line = element("div", label === row.predicted ? "bar top" : "bar");
      const track = element("span", "track"), fill = element("span", "fill");
      fill.style.width = `${row.p[i] / 10}%`;
      track.append(fill);
      line.append(element("span", "name", label), track, element("span", "number", (row.p[i] / 1000).toFixed(2)));
      cell.append(line);
    }
    return cell;
  }

  function draw(row) {
    const line = element("tr", row.truth === row.predicted ? "right" : "wrong");
    for (const head of heads) {
      const key = head.dataset.key;
      if (key === "sentence") line.append(sentence(row));
      else if (key === "confidence") line.append(probabilities(row));
      else line.append(element("td", key, row[key]));
    }
    return line;
  }

  function drawMore() {
    const next = found.slice(drawn, drawn + CHUNK);
    body.append(...next.map(draw));
    drawn += next.length;
    more.hidden = drawn >= found.length;
    more.textContent = `${Math.min(CHUNK, found.length - drawn)} more of ${(found.length - drawn).toLocaleString("en")}`;
  }

  function fits(row, words) {
    return selects.every((select) => !select.value || row[select.dataset.filter] === select.value)
      && words.every((word) => row.haystack.includes(word));
  }

  function compare(a, b) {
    const x = a[sort.key], y = b[sort.key];
    const order = typeof x === "number" ? x - y : x < y ? -1 : x > y ? 1 : 0;
    return sort.down ? -order : order;
  }

  function update() {
    const scope = all.checked ? rows : rows.filter((row) => row.truth !== row.predicted);
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = scope.filter((row) => fits(row, words)).sort(compare);
    drawn = 0;
    body.replaceChildren();
    drawMore();
    const noun = all.checked ? "judgements" : "errors";
    byId("count").textContent = `${found.length.toLocaleString("en")} of ${scope.length.toLocaleString("en")} ${noun}`;
    byId("none").hidden = found.length > 0;
    for (const head of heads) {
      head.setAttribute("aria-sort", head.dataset.key !== sort.key ? "none" : sort.down ? "descending" : "ascending");
    }
    remember();
  }

  function remember() {
    const state = new URLSearchParams();
    if (text.value) state.set("text", text.value);
    for (const select of selects) if (select.value) state.set(select.dataset.filter, select.value);
    if (all.checked) state.set("all", "1");
    if (sort.key !== FIRST.key || sort.down !== FIRST.down) state.set("sort", `${sort.down ? "-" : ""}${sort.key}`);
    try {
      if (`#${state}` !== (location.hash || "#")) history.replaceState(null, "", `#${state}`);
    } catch { /* a sandboxed frame: nothing is kept */ }
  }

  function recall() {
    let state = new URLSearchParams();
    try {
      state = new URLSearchParams(location.hash.slice(1));
    } catch { /* a sandboxed frame: nothing was kept */ }
    text.value = state.get("text") ?? "";
    for (const select of selects) {
      const value = state.get(select.dataset.filter) ?? "";
      select.value = [...select.options].some((option) => option.value === value) ? value : "";
    }
    all.checked = state.get("all") === "1";
    const wanted = state.get("sort") ?? "", key = wanted.replace(/^-/, "");
    sort = heads.some((head) => head.dataset.key === key) ? { key, down: wanted.startsWith("-") } : { ...FIRST };
    update();
  }

  for (const head of heads) {
    head.querySelector("button").addEventListener("click", () => {
      const key = head.dataset.key;
      sort = { key, down: sort.key === key ? !sort.down : key === "confidence" };
      update();
    });
  }
  text.addEventListener("input", update);
  for (const control of [...selects, all]) control.addEventListener("change", update);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("reset", (event) => {
    event.preventDefault();
    text.value = "";
    for (const select of selects) select.value = "";
    all.checked = false;
    sort = { ...FIRST };
    update();
  });
  more.addEventListener("click", drawMore);
  new IntersectionObserver((seen) => { if (seen.some((entry) => entry.isIntersecting)) drawMore(); }).observe(more);
  try {
    window.addEventListener("hashchange", recall);
  } catch { /* not here */ }
  recall();
})();
