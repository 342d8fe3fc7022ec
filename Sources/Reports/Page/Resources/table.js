"use strict";

// A table of very many rows, of which only those in sight are in the document.
//
// columns: {title, wide, number, key(row) → number or text to sort by, fill(cell, row)}; rows are numbers from 0.
class LongTable {
  constructor(root, columns, count, filters) {
    this.root = root;
    this.columns = columns;
    this.count = count;
    this.filters = filters;
    this.isWithin = null;
    this.rows = Uint32Array.from({ length: count }, (_, row) => row);
    this.sorted = { column: -1, descending: false };
    this.height = 34;
    this.build();
    this.select();
  }

  build() {
    const tools = element("div", { class: "tools" });
    this.search = element("input", { type: "search", spellcheck: "false", autocomplete: "off" });
    const label = element("label", {}, "Search");
    label.append(this.search);
    tools.append(label);
    let waiting = 0;
    this.search.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.select(), 120);
    });
    this.choices = this.filters.choices.map((choice) => {
      const box = element("select");
      box.append(element("option", { value: "" }, "all"));
      for (const value of choice.values) box.append(element("option", { value }, value));
      const name = element("label", {}, choice.title);
      name.append(box);
      tools.append(name);
      box.addEventListener("change", () => this.select());
      return { box, holds: choice.holds };
    });
    this.found = element("output", { class: "found", "aria-live": "polite" });
    tools.append(this.found);
    const name = this.root.dataset.caption;
    this.scroll = element("div", { class: "scroll", role: "region", "aria-label": `${name}, rows`, tabindex: "0" });
    this.table = element("table", { "aria-rowcount": String(this.count + 1) });
    this.table.append(element("caption", {}, name));
    const widths = element("colgroup");
    for (const column of this.columns) {
      const width = element("col");
      if (column.wide) width.style.width = column.wide;
      widths.append(width);
    }
    const head = element("tr", { "aria-rowindex": "1" });
    this.heads = this.columns.map((column, index) => {
      const cell = element("th", { scope: "col", class: column.number ? "number" : "", "data-title": column.title });
      const button = element("button", { type: "button" }, column.title);
      button.addEventListener("click", () => this.sort(index));
      cell.append(button);
      head.append(cell);
      return cell;
    });
    const thead = element("thead");
    thead.append(head);
    this.body = element("tbody");
    this.table.append(widths, thead, this.body);
    this.scroll.append(this.table);
    this.root.replaceChildren(tools, this.scroll);
    let isDrawing = false;
    this.scroll.addEventListener("scroll", () => {
      if (isDrawing) return;
      isDrawing = true;
      requestAnimationFrame(() => {
        isDrawing = false;
        this.draw();
      });
    });
  }

  // Leaves out the rows that `admits` does not admit, whatever is searched for; null: leaves none out.
  limit(admits) {
    if (admits === null && this.isWithin === null) return;
    this.isWithin = admits;
    this.select();
  }

  // Keeps the rows that the search and the choices admit, in the order chosen.
  select() {
    const admits = this.filters.search(this.search.value.trim().toLowerCase());
    const choices = this.choices.filter((choice) => choice.box.value !== "");
    const kept = [];
    for (let row = 0; row < this.count; row++) {
      if ((!this.isWithin || this.isWithin(row)) && admits(row) && choices.every((choice) => choice.holds(row, choice.box.value))) kept.push(row);
    }
    this.rows = Uint32Array.from(kept);
    this.found.textContent =
      kept.length === this.count ? `${grouped(this.count)} rows` : `${grouped(kept.length)} of ${grouped(this.count)} rows`;
    this.table.setAttribute("aria-rowcount", String(kept.length + 1));
    this.arrange();
  }

  sort(index) {
    const again = this.sorted.column === index;
    this.sorted = { column: index, descending: again ? !this.sorted.descending : Boolean(this.columns[index].number) };
    this.heads.forEach((head, place) => {
      if (place === index) head.setAttribute("aria-sort", this.sorted.descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    this.arrange();
  }

  arrange() {
    const { column, descending } = this.sorted;
    if (column >= 0) {
      const key = this.columns[column].key;
      const keys = new Float64Array(this.count);
      for (const row of this.rows) keys[row] = key(row);
      const sign = descending ? -1 : 1;
      this.rows.sort((one, other) => sign * (keys[one] - keys[other]) || one - other);
    }
    this.scroll.scrollTop = 0;
    this.draw();
  }

  draw(from, until) {
    const seen = Math.ceil(this.scroll.clientHeight / this.height) || 20;
    const first = from ?? Math.max(0, Math.floor(this.scroll.scrollTop / this.height) - 10);
    const last = until ?? Math.min(this.rows.length, first + seen + 20);
    const focused = document.activeElement?.closest?.("tr")?.dataset.row;
    const rows = [this.space(first)];
    for (let place = first; place < last; place++) {
      const row = this.rows[place];
      const line = element("tr", { "aria-rowindex": String(place + 2) });
      line.dataset.row = String(row);
      this.columns.forEach((column, index) => {
        const cell = element(index === 0 ? "th" : "td", column.number ? { class: "number" } : {});
        if (index === 0) cell.scope = "row";
        column.fill(cell, row);
        line.append(cell);
      });
      rows.push(line);
    }
    rows.push(this.space(until === undefined ? this.rows.length - last : 0));
    this.body.replaceChildren(...rows);
    if (focused !== undefined) this.body.querySelector(`tr[data-row="${focused}"] button`)?.focus({ preventScroll: true });
  }

  // Stands for rows that are not in sight.
  space(rows) {
    const line = element("tr", { class: "space", "aria-hidden": "true" });
    const cell = element("td", { colspan: String(this.columns.length) });
    cell.style.height = `${rows * this.height}px`;
    line.append(cell);
    return line;
  }

  // For paper: the first rows, and nothing that stands for others.
  print(most) {
    this.draw(0, Math.min(most, this.rows.length));
  }
}

function element(name, attributes = {}, text) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== "" || key === "value") made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function grouped(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

// Microseconds since 1970 as RFC 3339, UTC.
function stamp(time) {
  const micro = ((time % 1e6) + 1e6) % 1e6;
  return new Date((time - micro) / 1000).toISOString().slice(0, 19) + "." + String(micro).padStart(6, "0") + "Z";
}

// The place of each text in the order of all, so that rows sort by numbers.
function ranks(texts) {
  const order = Array.from(texts.keys()).sort((one, other) => (texts[one] < texts[other] ? -1 : texts[one] > texts[other] ? 1 : 0));
  const ranked = new Float64Array(texts.length);
  order.forEach((place, rank) => (ranked[place] = rank));
  return ranked;
}
