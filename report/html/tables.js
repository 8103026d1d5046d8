// Sorting, filtering and folding of the tables: by real buttons, so that a keyboard and a screen reader reach them.
const rowsAtFirst = 15;

const sortKey = (cell) => {
  const text = cell.dataset.sort || cell.textContent.trim();
  const number = Number(text.replace(/[,$]/g, "").match(/^-?[\d.]+(e[-+]?\d+)?/)?.[0]);
  return { text, number: /^[-$\d]/.test(text) ? number : NaN };
};

function compareCells(a, b) {
  const [left, right] = [sortKey(a), sortKey(b)];
  const numbers = [Number.isFinite(left.number), Number.isFinite(right.number)];
  if (numbers[0] && numbers[1]) return left.number - right.number;
  if (numbers[0] !== numbers[1]) return numbers[0] ? -1 : 1;
  return left.text.localeCompare(right.text);
}

function sortTable(table, column, header, show) {
  const direction = header.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", direction);
  const rows = [...table.tBodies[0].rows];
  rows.sort((a, b) => compareCells(a.cells[column], b.cells[column]) * (direction === "ascending" ? 1 : -1));
  table.tBodies[0].append(...rows);
  show();
}

function prepareTable(table) {
  const region = table.parentElement;
  const state = { all: false, provider: "", everyRegion: false };
  const repeats = table.querySelectorAll("tr[data-repeat]").length > 0;
  const more = document.createElement("button");
  more.type = "button";
  more.className = "more";

  const show = () => {
    const matching = [...table.tBodies[0].rows].filter((row) => {
      const matches = (!state.provider || row.dataset.provider === state.provider) &&
        (state.everyRegion || !("repeat" in row.dataset));
      row.hidden = !matches;
      return matches;
    });
    const foldable = matching.length > rowsAtFirst + 5;
    matching.forEach((row, index) => { row.hidden = foldable && !state.all && index >= rowsAtFirst; });
    more.textContent = state.all ? `Show the first ${rowsAtFirst} only` : `Show all ${matching.length}`;
    more.hidden = !foldable;
  };
  more.addEventListener("click", () => {
    state.all = !state.all;
    show();
  });
  region.after(more);

  [...table.tHead.rows[0].cells].forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => sortTable(table, column, header, show));
  });

  const controls = document.createElement("div");
  controls.className = "controls";
  const addControl = (text, control, changed) => {
    const label = document.createElement("label");
    label.append(text, control);
    controls.append(label);
    control.addEventListener("change", () => {
      changed();
      show();
    });
  };
  const providers = [...new Set([...table.tBodies[0].rows].map((row) => row.dataset.provider).filter(Boolean))].sort();
  if (table.dataset.filter === "provider" && providers.length > 1) {
    const select = document.createElement("select");
    for (const [text, value] of [["all", ""], ...providers.map((name) => [name, name])]) select.add(new Option(text, value));
    addControl("Provider", select, () => { state.provider = select.value; });
  }
  if (repeats) {
    const box = document.createElement("input");
    box.type = "checkbox";
    addControl("Every region, not the cheapest only", box, () => { state.everyRegion = box.checked; });
  }
  if (controls.childElementCount > 0) region.before(controls);
  show();
}

document.querySelectorAll("table[data-sortable]").forEach(prepareTable);
