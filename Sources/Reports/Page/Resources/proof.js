// One exposure's proof, as `strayframe explain` prints it but for the text of the raw lines.

class Proofs {
  constructor(data) {
    this.data = data;
    let sum = 0;
    this.begins = data.candidates.map((count) => (sum += count) - count);
    this.dialog = document.getElementById("proof");
  }

  text(place) {
    return place < 0 ? null : this.data.texts[place];
  }

  id(row) {
    return `${this.data.sources[this.data.source[row]][0]}:${this.data.line[row]}`;
  }

  candidates(row) {
    const data = this.data;
    return Array.from({ length: data.candidates[row] }, (_, index) => {
      const place = this.begins[row] + index;
      return {
        owner: data.candidateOwner[place], camera: data.candidateCamera[place],
        relation: data.candidateRelation[place], fill: data.candidateFill[place],
      };
    });
  }

  facts(row) {
    const data = this.data;
    const kind = data.kinds[data.kind[row]].map((place, index) => (index < 12 ? this.text(place) : place));
    const likeliest = this.candidates(row)[0];
    const facts = [
      ["id", this.id(row)], ["time", stamp(data.time[row])], ["certainty", kind[0]], ["evidence", kind[1]], ["relation", kind[2]],
      ["requester", this.text(data.requester[row])],
      ["owner", data.owners[row] === 1 && likeliest ? this.text(likeliest.owner) : null],
      ["requested_camera", this.text(data.camera[row])],
      ["frame_camera", likeliest ? this.text(likeliest.camera) : null], ["frame", this.text(data.frame[row])],
      ["node", kind[3]], ["key", this.text(data.key[row])], ["cache_word", kind[7]], ["status", kind[8]], ["client", kind[4]],
      ["network", kind[5]], ["kind", kind[6]], ["model", kind[9]], ["rollout_at_fill", kind[10]],
      ["rollout_at_delivery", kind[11]], ["opened", kind[12] ? "yes" : null],
      ["profile", data.sources[data.source[row]][3] || null],
    ];
    const derived = data.sources[data.source[row]][6];
    for (const one of derived ? derived.split("\n") : []) {
      const [field, ...rest] = one.split(" from ");
      facts.push([`${field} from`, rest.join(" from ")]);
    }
    const said = this.said?.get(row);
    if (said) facts.push(["tags", said.tags.join(", ") || null], ["notes", said.notes.join(" | ") || null]);
    return facts.filter((fact) => fact[1] !== null);
  }

  // The lines that it rests on: what each proves, where it stands, and what the case has of it.
  lines(row) {
    const data = this.data;
    const lines = [{ role: "delivery", source: data.source[row], line: data.line[row], says: "" }];
    const candidates = this.candidates(row);
    const seen = new Set();
    for (const { fill } of candidates) {
      if (fill < 0 || seen.has(fill)) continue;
      seen.add(fill);
      const [source, line, time, kind, node, key, frame, camera, owner] = data.fills[fill];
      const parts = [
        time < 0 ? null : `${stamp(time)}, ${["stored", "sent", "revalidated"][kind]}`, named("node", this.text(node)),
        named("key", this.text(key)), named("frame", this.text(frame)), named("camera", this.text(camera)), named("owner", this.text(owner)),
      ];
      lines.push({ role: "fill", source, line, says: parts.filter(Boolean).join(", ") });
    }
    const cameras = new Set(candidates.map((one) => one.camera));
    for (const [source, line, camera, owner, from, until] of data.ownerships) {
      if (!cameras.has(camera)) continue;
      lines.push({ role: "ownership", source, line, says: `${this.text(camera)} of ${this.text(owner)}${span(from, until)}` });
    }
    const pairs = new Set(candidates.map((one) => `${one.owner} ${one.camera}`));
    for (const [source, line, owner, camera, grantee, from, until] of data.grants) {
      if (grantee !== data.requester[row] || !pairs.has(`${owner} ${camera}`)) continue;
      lines.push({
        role: "grant", source, line, says: `${this.text(owner)} to ${this.text(grantee)} for ${this.text(camera)}${span(from, until)}`,
      });
    }
    const kind = data.kinds[data.kind[row]];
    let rollouts = 0;
    for (const [source, line, time, name, node] of data.rollouts) {
      if ((name !== kind[10] && name !== kind[11]) || (node >= 0 && kind[3] >= 0 && node !== kind[3]) || rollouts++ >= 20) continue;
      lines.push({ role: "rollout", source, line, says: `${this.text(name)} on ${this.text(node) ?? "every node"} from ${stamp(time)}` });
    }
    return lines;
  }

  show(row) {
    const id = this.id(row);
    const top = element("div", { class: "top" });
    const close = element("button", { type: "button" }, "Close");
    close.addEventListener("click", () => this.dialog.close());
    top.append(element("h2", { id: "proof-title" }, `Proof of exposure ${id}`), close);
    const facts = element("dl", { class: "proof-facts" });
    for (const [name, value] of this.facts(row)) facts.append(pair(name, value));
    const parts = [top, facts, element("h3", {}, "Frames that it can have carried, the likeliest first")];
    const candidates = element("dl", { class: "proof-facts candidates" });
    this.candidates(row).forEach((one, index) => {
      const fill = one.fill < 0 ? null : this.data.fills[one.fill];
      const parts = [
        named("owner", this.text(one.owner)), named("camera", this.text(one.camera)), named("relation", this.text(one.relation)),
        fill && `fill ${this.data.sources[fill[0]]?.[0]}:${fill[1]}`,
      ];
      candidates.append(pair(`candidate ${index + 1}`, parts.filter(Boolean).join(", ")));
    });
    const others = this.data.owners[row] - this.data.candidates[row];
    if (others > 0) candidates.append(pair("further", `${others} candidates more; strayframe explain has them`));
    parts.push(candidates, element("h3", {}, "Lines that it rests on"));
    for (const one of this.lines(row)) {
      const [, path, digest] = this.data.sources[one.source] ?? ["", "?", ""];
      const where = element("p", {}, `${one.role}: ${path}, line ${one.line}${one.says ? ": " + one.says : ""}`);
      parts.push(where, element("code", {}, `SHA-256 ${digest}`));
    }
    parts.push(element("h3", {}, "Their text, from the dump"), element("pre", {}, this.commands(row).join("\n")));
    this.dialog.replaceChildren(...parts);
    this.dialog.showModal();
  }

  commands(row) {
    const [, path, , , packing, member] = this.data.sources[this.data.source[row]];
    const commands = [`strayframe explain ${this.id(row)}`];
    const readers = { plain: "cat", zstd: "zstd -dc", gzip: "gzip -dc", xz: "xz -dc", bzip2: "bzip2 -dc", lz4: "lz4 -dc" };
    if (!member && readers[packing]) {
      const file = `'${path.replaceAll("'", "'\\''")}'`;
      commands.push(`sha256sum ${file}`, `${readers[packing]} ${file} | sed -n ${this.data.line[row]}p`);
    }
    return commands;
  }
}

function named(name, text) {
  return text === null || text === undefined ? null : `${name} ${text}`;
}

function span(from, until) {
  return (from < 0 ? "" : ` from ${stamp(from)}`) + (until < 0 ? "" : ` until ${stamp(until)}`);
}

function pair(name, value) {
  const both = element("div");
  both.append(element("dt", {}, name), element("dd", {}, value));
  return both;
}
