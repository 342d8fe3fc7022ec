// How many exposures there are in each bin of time, on each node, of what is chosen.
//
// Bins as long as the page's stretches, or longer, are counted from the stretches; shorter ones, and those of one account, from
// the exposures themselves, if the page holds all of them.

const steps = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 432000, 604800, 1209600,
  2592000, 7776000, 31536000,
].map((seconds) => seconds * 1e6);

class Counts {
  // times: {from, length, deliveries, certain, possible, nodes: [{name, at, certain, possible}], marks: [{at, label, kind, words}],
  // silences: [{from, until, words}]}
  constructor(times) {
    this.times = times;
    this.from = times.from;
    this.until = times.from + times.deliveries.length * times.length;
    this.total = [...times.certain, ...times.possible].reduce((sum, one) => sum + one, 0);
    this.chosen = { account: null, rows: null };
  }

  // The exposures that the page holds; null if it has none.
  get held() {
    if (this.read === undefined) {
      const block = document.getElementById("exposures-data");
      this.read = block ? JSON.parse(block.textContent) : null;
      if (this.read) {
        let sum = 0;
        this.read.begins = this.read.candidates.map((count) => (sum += count) - count);
      }
    }
    return this.read;
  }

  // Whether the page leaves no exposure out.
  get isWhole() {
    return this.held !== null && this.held.time.length === this.total;
  }

  // For each exposure: 0 if it has nothing to do with the account, 1 if it certainly has, 2 if it possibly has.
  rows(account) {
    if (this.chosen.account === account && this.chosen.rows) return this.chosen.rows;
    const data = this.held;
    const rows = new Uint8Array(data.time.length);
    const place = account === null ? -1 : data.texts.indexOf(account);
    const certain = data.kinds.map((kind) => data.texts[kind[0]] === "certain");
    for (let row = 0; row < rows.length; row++) {
      const isCertain = certain[data.kind[row]];
      if (account === null || (place >= 0 && data.requester[row] === place)) rows[row] = isCertain ? 1 : 2;
      else if (place >= 0) {
        const begin = data.begins[row];
        for (let one = begin; one < begin + data.candidates[row]; one++) {
          if (data.candidateOwner[one] === place) rows[row] = isCertain && data.owners[row] === 1 ? 1 : 2;
        }
      }
    }
    this.chosen = { account, rows };
    return rows;
  }

  // Whether an exposure that the page holds is among those that are chosen.
  admits(view) {
    if (view.isWhole || !this.held) return () => true;
    const rows = this.rows(view.account);
    const time = this.held.time;
    return (row) => rows[row] > 0 && (view.from === null || (time[row] >= view.from && time[row] < view.until));
  }

  // The range that is shown, of which at least something is in the logs.
  range(view) {
    if (view.from === null) return [this.from, this.until];
    const [from, until] = [Math.max(this.from, view.from), Math.min(this.until, view.until)];
    return from < until ? [from, until] : [this.from, this.until];
  }

  // The shortest bin of which at most so many make the time.
  step(width, most) {
    const round = steps.find((step) => width / step <= most) ?? Math.ceil(width / most / steps[steps.length - 1]) * steps[steps.length - 1];
    if (round < this.times.length && this.isWhole) return round;
    return this.times.length * Math.max(1, Math.ceil(round / this.times.length));
  }

  // A range widened to whole bins, so that what is counted is what is shown.
  widened(from, until, most) {
    const step = this.step(until - from, most);
    const origin = step % this.times.length === 0 ? this.from : 0;
    const start = origin + Math.floor((from - origin) / step) * step;
    const end = origin + Math.ceil((until - origin) / step) * step;
    return [Math.max(this.from, start), Math.min(this.until, Math.max(end, start + step))];
  }

  // Bins of what is chosen: {step, start, bins: [[certain, possible]], nodes: [[certain, possible] of each bin] of each node}
  bins(view, most) {
    const [from, until] = this.range(view);
    const step = this.step(until - from, most);
    const ofStretches = step % this.times.length === 0;
    const origin = ofStretches ? this.from : 0;
    const start = origin + Math.floor((from - origin) / step) * step;
    const count = Math.max(1, Math.ceil((until - start) / step));
    const empty = () => Array.from({ length: count }, () => [0, 0]);
    const found = { step, start, from, until, bins: empty(), nodes: this.times.nodes.map(empty) };
    const isAligned = (time) => (time - this.from) % this.times.length === 0;
    if (view.account === null && ofStretches && ((isAligned(from) && isAligned(until)) || !this.isWhole)) this.addStretches(found);
    else if (this.held) this.addRows(found, view);
    return found;
  }

  addStretches({ step, start, from, until, bins, nodes }) {
    const { length, certain, possible } = this.times;
    const isIn = (time) => time + length > from && time < until;
    certain.forEach((count, index) => {
      const time = this.from + index * length;
      if (!isIn(time)) return;
      const bin = bins[Math.floor((time - start) / step)];
      bin[0] += count;
      bin[1] += possible[index];
    });
    this.times.nodes.forEach((node, place) => {
      node.at.forEach((index, entry) => {
        const time = this.from + index * length;
        if (!isIn(time)) return;
        const bin = nodes[place][Math.floor((time - start) / step)];
        bin[0] += node.certain[entry];
        bin[1] += node.possible[entry];
      });
    });
  }

  addRows({ step, start, from, until, bins, nodes }, view) {
    const data = this.held;
    const rows = this.rows(view.account);
    const places = new Map(this.times.nodes.map((node, place) => [node.name ?? null, place]));
    const ofKind = data.kinds.map((kind) => places.get(kind[3] < 0 ? null : data.texts[kind[3]]));
    const isLast = until === this.until;
    for (let row = 0; row < rows.length; row++) {
      const time = Math.min(Math.max(data.time[row], this.from), this.until - 1);
      if (!rows[row] || time < from || time >= until) continue;
      const index = Math.floor((time - start) / step);
      if (!bins[index]) continue;
      bins[index][rows[row] - 1]++;
      const node = nodes[ofKind[data.kind[row]]];
      if (node) node[index][rows[row] - 1]++;
    }
  }

  // Deliveries of each stretch in a range: [from, until, count]
  deliveries(from, until, step) {
    const { length, deliveries } = this.times;
    const several = step % length === 0 ? step / length : 1;
    const found = [];
    for (let index = 0; index < deliveries.length; index += several) {
      const start = this.from + index * length;
      const end = Math.min(start + several * length, this.until);
      if (end <= from || start >= until) continue;
      let sum = 0;
      for (let one = index; one < Math.min(index + several, deliveries.length); one++) sum += deliveries[one];
      found.push([start, end, sum]);
    }
    return found;
  }
}
