// The connection to a run: comes back by itself, and tells when nothing is heard any more.

const FIRST_WAIT = 300; // milliseconds before the first new try; doubled up to LONGEST_WAIT
const LONGEST_WAIT = 5000;
const GONE = [4400, 4404]; // what the server closes with when it will never show this run
const SILENCE = 4000; // a frame comes at least every second while the run is alive

class Connection {
  // `heard`: {frame, pictures, event, state}; state is called with "connecting", "open", "lost",
  // "silent", "gone" and how often it was tried.
  constructor(path, run, owner, wire, heard) {
    Object.assign(this, { path, run, owner, wire, heard, tries: 0, closed: false });
    this.open();
    this.watch = setInterval(() => this.check(), 1000);
  }

  open() {
    if (this.closed) return;
    const address = new URL(this.path, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.heardAt = performance.now();
    this.socket = new WebSocket(address);
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => this.send({ do: "hello", run: this.run });
    this.socket.onmessage = ({ data }) => this.take(data);
    this.socket.onclose = ({ code }) => (GONE.includes(code) ? this.gone() : this.again());
  }

  take(data) {
    this.heardAt = performance.now();
    if (this.tries || !this.was) {
      this.tries = 0;
      this.was = true;
      this.heard.state("open", 0);
    }
    if (this.silent) {
      this.silent = false;
      this.heard.state("open", 0);
    }
    if (!(data instanceof ArrayBuffer) || !data.byteLength) return;
    const kind = new Uint8Array(data, 0, 1)[0];
    if (kind === 1) this.heard.frame(readFrame(data, this.wire));
    else if (kind === 2) this.heard.pictures(readPictures(data, this.wire));
    else if (kind === 3) this.heard.event(readEvent(data));
  }

  gone() {
    this.close();
    this.heard.state("gone", 0);
  }

  again() {
    if (this.closed) return;
    this.tries += 1;
    this.heard.state(this.was ? "lost" : "connecting", this.tries);
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (this.tries - 1));
    this.timer = setTimeout(() => this.open(), wait);
  }

  check() {
    const quiet = performance.now() - this.heardAt;
    if (this.socket.readyState === WebSocket.OPEN && quiet > SILENCE && !this.silent) {
      this.silent = true;
      this.heard.state("silent", 0);
    }
  }

  // Whether it was sent; what cannot be sent is not kept for later.
  send(message) {
    if (this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify({ ...message, owner: this.owner }));
    return true;
  }

  close() {
    this.closed = true;
    clearInterval(this.watch);
    clearTimeout(this.timer);
    this.socket.onclose = null;
    this.socket.close();
  }
}

// The owner's token outlives a reload in its tab and reaches no other tab.
function keptToken(run, given) {
  const key = `explorer.run.${run}`;
  try {
    if (given) sessionStorage.setItem(key, given);
    return given ?? sessionStorage.getItem(key);
  } catch {
    return given ?? null; // a browser that keeps nothing
  }
}
