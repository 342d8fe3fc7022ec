// Draws the pictures, fills the long tables once they come near, ties them to what is chosen, and answers the pointer.

const tables = {};
const times = document.getElementById("times");
const view = new View();
const counts = times ? new Counts(JSON.parse(times.textContent)) : null;

// What is said of rows: a map from a row to its tags and notes.
function sayings(entries) {
  const said = new Map();
  for (const [row, tag, note] of entries) {
    if (!said.has(row)) said.set(row, { tags: [], notes: [] });
    if (tag !== null) said.get(row).tags.push(tag);
    if (note !== null) said.get(row).notes.push(note);
  }
  said.holds = (row, text) => {
    const one = said.get(row);
    return one !== undefined && [...one.tags, ...one.notes].some((words) => words.toLowerCase().includes(text));
  };
  return said;
}

function tagColumn(said) {
  const words = (row) => [...(said.get(row)?.tags ?? []), ...(said.get(row)?.notes ?? [])].join("; ");
  return {
    title: "Noted", wide: "9%", key: (row) => -(said.get(row)?.tags.length ?? -1),
    fill: (cell, row) => {
      cell.textContent = words(row) || "–";
      if (words(row)) cell.dataset.tip = words(row);
    },
  };
}

function tagChoice(said) {
  const tags = Array.from(new Set(Array.from(said.values(), (one) => one.tags).flat())).sort();
  return tags.length ? [{ title: "Tag", values: tags, holds: (row, value) => said.get(row)?.tags.includes(value) ?? false }] : [];
}

function accountTable() {
  const data = JSON.parse(document.getElementById("accounts-data").textContent);
  const rank = ranks(data.account);
  const lower = data.account.map((name) => name.toLowerCase());
  const reasons = ["", "requester", "camera owner", "both"];
  const count = (title, values) => ({
    title, number: true, wide: "7%", key: (row) => values[row], fill: (cell, row) => (cell.textContent = values[row] ? grouped(values[row]) : "–"),
  });
  const time = (title, values) => ({
    title, wide: "14%", key: (row) => values[row], fill: (cell, row) => (cell.textContent = values[row] < 0 ? "–" : stamp(values[row]).slice(0, 19).replace("T", " ")),
  });
  const hasExposures = (row) => data.first[row] >= 0;
  const columns = [
    {
      title: "Account", key: (row) => rank[row],
      fill: (cell, row) => {
        if (!hasExposures(row)) return (cell.textContent = data.account[row]);
        const button = element("button", { type: "button" }, data.account[row]);
        button.addEventListener("click", () => {
          view.section = "exposures";
          view.choose({ account: data.account[row] });
          view.go();
          table("exposures").search.focus({ preventScroll: true });
        });
        cell.append(button);
      },
    },
    count("Exposed", data.exposedCertain), count("possibly", data.exposedPossible), count("seen by", data.receivers),
    count("Received", data.receivedCertain), count("possibly", data.receivedPossible), count("opened", data.opened),
    time("First, UTC", data.first), time("Last, UTC", data.last),
    { title: "Affected as", wide: "10%", key: (row) => data.affected[row], fill: (cell, row) => (cell.textContent = reasons[data.affected[row]] || "–") },
  ];
  const said = sayings(data.annotations.map(({ row, tag, note }) => [row, tag ?? null, note ?? null]));
  if (said.size) columns.splice(1, 0, tagColumn(said));
  const roles = {
    exposed: (row) => data.exposedCertain[row] > 0, "possibly exposed": (row) => data.exposedPossible[row] > 0,
    receiving: (row) => data.receivedCertain[row] > 0, "possibly receiving": (row) => data.receivedPossible[row] > 0,
    affected: (row) => data.affected[row] > 0,
  };
  const made = new LongTable(document.getElementById("accounts-table"), columns, data.account.length, {
    search: (text) => (text === "" ? () => true : (row) => lower[row].includes(text) || said.holds(row, text)),
    choices: [...tagChoice(said), { title: "Role", values: Object.keys(roles), holds: (row, value) => roles[value](row) }],
  });
  made.names = data.account;
  return made;
}

function exposureTable() {
  const data = counts.held;
  const proofs = new Proofs(data);
  const rank = ranks(data.texts);
  const ranked = (place) => (place < 0 ? -1 : rank[place]);
  const owner = (row) => (data.candidates[row] > 0 ? data.candidateOwner[proofs.begins[row]] : -1);
  const kind = (row, index) => data.kinds[data.kind[row]][index];
  const word = (title, wide, place) => ({
    title, wide, key: (row) => ranked(place(row)), fill: (cell, row) => (cell.textContent = proofs.text(place(row)) ?? "–"),
  });
  const columns = [
    {
      title: "ID", wide: "15%", key: (row) => data.source[row] * 2 ** 36 + data.line[row],
      fill: (cell, row) => {
        const button = element("button", { type: "button" }, proofs.id(row));
        button.addEventListener("click", () => proofs.show(row));
        cell.append(button);
      },
    },
    { title: "Time, UTC", wide: "17.5%", key: (row) => data.time[row], fill: (cell, row) => (cell.textContent = stamp(data.time[row]).replace("T", " ").slice(0, 23)) },
    {
      title: "Certainty", wide: "8%", key: (row) => ranked(kind(row, 0)),
      fill: (cell, row) => cell.append(element("span", { class: `word ${proofs.text(kind(row, 0))}` }, proofs.text(kind(row, 0)))),
    },
    {
      title: "Exposed", key: (row) => ranked(owner(row)),
      fill: (cell, row) => {
        const others = data.owners[row] - 1;
        cell.textContent = (proofs.text(owner(row)) ?? "–") + (others > 0 ? ` or ${others} other${others > 1 ? "s" : ""}` : "");
      },
    },
    word("Received by", undefined, (row) => data.requester[row]), word("Evidence", "7%", (row) => kind(row, 1)),
    word("Relation", "8.5%", (row) => kind(row, 2)), word("Node", "8%", (row) => kind(row, 3)), word("Client", "7.5%", (row) => kind(row, 4)),
    { title: "Opened", wide: "7%", key: (row) => kind(row, 12), fill: (cell, row) => (cell.textContent = kind(row, 12) ? "yes" : "–") },
  ];
  const said = sayings(data.annotations.map(([row, tag, note]) => [row, proofs.text(tag), proofs.text(note)]));
  proofs.said = said;
  if (said.size) {
    [columns[0].wide, columns[1].wide] = ["13%", "14%"];
    columns.splice(2, 0, tagColumn(said));
  }
  const lower = data.texts.map((text) => text.toLowerCase());
  const values = (index) => Array.from(new Set(data.kinds.map((one) => proofs.text(one[index]) ?? ""))).filter(Boolean).sort();
  const choice = (title, index) => ({ title, values: values(index), holds: (row, value) => proofs.text(kind(row, index)) === value });
  const search = (text) => {
    if (text === "") return () => true;
    const hit = lower.map((one) => one.includes(text));
    const isTime = /^\d{4}-/.test(text);
    const kinds = data.kinds.map((one) => one.slice(0, 12).some((place) => place >= 0 && hit[place]));
    return (row) => {
      if (kinds[data.kind[row]] || said.holds(row, text)) return true;
      for (const column of [data.requester, data.camera, data.frame, data.key]) if (column[row] >= 0 && hit[column[row]]) return true;
      for (let place = proofs.begins[row]; place < proofs.begins[row] + data.candidates[row]; place++) {
        if (hit[data.candidateOwner[place]] || (data.candidateCamera[place] >= 0 && hit[data.candidateCamera[place]])) return true;
      }
      return proofs.id(row).includes(text) || (isTime && stamp(data.time[row]).toLowerCase().startsWith(text.replace(" ", "t")));
    };
  };
  const made = new LongTable(document.getElementById("exposures-table"), columns, data.time.length, {
    search, choices: [choice("Certainty", 0), choice("Evidence", 1), choice("Relation", 2), ...tagChoice(said)],
  });
  made.sort(1);
  return made;
}

// The table of that name, made if it is not yet.
function table(name) {
  if (!tables[name] && document.getElementById(`${name}-table`)) {
    tables[name] = name === "accounts" ? accountTable() : exposureTable();
    if (!view.isWhole) limit(name);
  }
  return tables[name];
}

// Leaves in a table what is chosen.
function limit(name) {
  const made = tables[name];
  if (!made) return;
  if (name === "exposures" || view.isWhole || !counts?.held) {
    made.limit(view.isWhole || !counts ? null : counts.admits(view));
    return;
  }
  const data = counts.held;
  const admits = counts.admits(view);
  const found = new Set();
  for (let row = 0; row < data.time.length; row++) {
    if (!admits(row)) continue;
    if (data.requester[row] >= 0) found.add(data.texts[data.requester[row]]);
    for (let one = data.begins[row]; one < data.begins[row] + data.candidates[row]; one++) found.add(data.texts[data.candidateOwner[one]]);
  }
  made.limit((row) => found.has(made.names[row]));
}

// Says what is chosen, and of how many exposures that leaves how many.
const chosen = document.querySelector(".chosen");
chosen.querySelector("button").addEventListener("click", () => view.showAll());
view.follow(() => {
  chosen.hidden = view.isWhole || !counts;
  for (const name of ["accounts", "exposures"]) limit(name);
  if (chosen.hidden) return;
  const words = [];
  if (view.from !== null) words.push(stretch(...counts.range(view)));
  if (view.account !== null) words.push(`account ${view.account}`);
  const data = counts.held;
  let found = 0;
  if (data) {
    const admits = counts.admits(view);
    for (let row = 0; row < data.time.length; row++) if (admits(row)) found++;
  }
  let of = grouped(counts.total);
  if (data && !counts.isWhole) of = `the ${grouped(data.time.length)} that this page holds, of ${of}`;
  chosen.querySelector("output").textContent = `${words.join(", ")}: ${grouped(found)} of ${of} exposures`;
});

const near = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    near.unobserve(entry.target);
    table(entry.target.id.replace("-table", ""));
  }
}, { rootMargin: "800px" });
for (const place of document.querySelectorAll(".long")) near.observe(place);

const charts = [];
if (counts) {
  const timeline = new Timeline(document.querySelector("#timeline figure"), counts, view);
  charts.push(timeline);
  const map = document.querySelector("#nodes figure");
  if (map) charts.push(new HeatMap(map, counts, view, timeline));
}
view.read();
let drawn = window.innerWidth;
window.addEventListener("resize", () => {
  if (window.innerWidth === drawn) return;
  drawn = window.innerWidth;
  for (const chart of charts) chart.draw();
});

const tip = document.querySelector(".tip");
document.addEventListener("pointermove", (event) => {
  const words = event.target.closest?.("[data-tip]")?.dataset.tip;
  tip.hidden = !words;
  if (!words) return;
  if (tip.textContent !== words) tip.textContent = words;
  const x = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
  const y = event.clientY + 18 + tip.offsetHeight > window.innerHeight ? event.clientY - tip.offsetHeight - 10 : event.clientY + 18;
  tip.style.transform = `translate(${Math.max(4, x)}px, ${y}px)`;
});
document.addEventListener("scroll", () => (tip.hidden = true), true);

// On paper the long tables show their first rows.
const onPaper = 100;
window.addEventListener("beforeprint", () => {
  for (const chart of charts) chart.draw(760);
  for (const name of ["accounts", "exposures"]) {
    const made = table(name);
    if (!made) continue;
    made.print(onPaper);
    if (made.rows.length > onPaper) made.root.append(element("p", { class: "remark printed" }, `${grouped(made.rows.length - onPaper)} further rows are on the page and in the CSV files.`));
  }
});
window.addEventListener("afterprint", () => {
  for (const chart of charts) chart.draw();
  for (const made of Object.values(tables)) {
    made.root.querySelector(".printed")?.remove();
    made.draw();
  }
});
