// SHA-256 of a stream, and Ed25519 (RFC 8032) verification. Nothing here is secret, so nothing is constant-time.
// The browser's own Ed25519 is used where it has one; the arithmetic below serves the others.

const K = new Uint32Array(64);
const START = new Uint32Array(8);
{
  // the first 32 bits of the fractional parts of cube and square roots of the first primes (FIPS 180-4)
  const fraction = (value) => ((value - Math.floor(value)) * 0x100000000) >>> 0;
  for (let candidate = 2, found = 0; found < 64; candidate += 1) {
    let prime = true;
    for (let factor = 2; factor * factor <= candidate; factor += 1) if (candidate % factor === 0) prime = false;
    if (!prime) continue;
    if (found < 8) START[found] = fraction(Math.sqrt(candidate));
    K[found] = fraction(Math.cbrt(candidate));
    found += 1;
  }
}

export class Sha256 {
  constructor() {
    this.state = START.slice();
    this.words = new Uint32Array(64);
    this.block = new Uint8Array(64);
    this.filled = 0;
    this.length = 0;
  }

  update(bytes) {
    this.length += bytes.length;
    let at = 0;
    if (this.filled) {
      const part = bytes.subarray(0, 64 - this.filled);
      this.block.set(part, this.filled);
      this.filled += part.length;
      at = part.length;
      if (this.filled < 64) return this;
      this.compress(this.block, 0);
      this.filled = 0;
    }
    for (; at + 64 <= bytes.length; at += 64) this.compress(bytes, at);
    this.block.set(bytes.subarray(at), 0);
    this.filled = bytes.length - at;
    return this;
  }

  compress(bytes, at) {
    const { words: w, state: s } = this;
    for (let i = 0; i < 16; i += 1, at += 4) {
      w[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    }
    for (let i = 16; i < 64; i += 1) {
      const x = w[i - 15];
      const y = w[i - 2];
      const low = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const high = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16] + low + w[i - 7] + high) | 0;
    }
    let a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
    for (let i = 0; i < 64; i += 1) {
      const big = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const one = (h + big + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const small = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const two = (small + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    s[0] += a; s[1] += b; s[2] += c; s[3] += d; s[4] += e; s[5] += f; s[6] += g; s[7] += h;
  }

  hex() {
    const bits = BigInt(this.length) * 8n;
    const padding = new Uint8Array((this.filled < 56 ? 64 : 128) - this.filled);
    padding[0] = 0x80;
    new DataView(padding.buffer).setBigUint64(padding.length - 8, bits);
    this.update(padding);
    return [...this.state].map((word) => word.toString(16).padStart(8, "0")).join("");
  }
}

export function sha256(bytes) {
  return new Sha256().update(bytes).hex();
}

const MASK = (1n << 64n) - 1n;
let tables512;

function root(value, degree, bits) {
  // the whole number whose power is the greatest not above value * 2^(bits * degree), by Newton
  const scaled = value << BigInt(bits * degree);
  const n = BigInt(degree);
  let guess = 1n << BigInt(Math.ceil(scaled.toString(2).length / degree));
  for (;;) {
    const next = ((n - 1n) * guess + scaled / guess ** (n - 1n)) / n;
    if (next >= guess) return guess;
    guess = next;
  }
}

function sha512(bytes) {
  if (!tables512) {
    const primes = [];
    for (let candidate = 2; primes.length < 80; candidate += 1) {
      if (primes.every((prime) => candidate % prime)) primes.push(candidate);
    }
    tables512 = {
      k: primes.map((prime) => root(BigInt(prime), 3, 64) & MASK),
      start: primes.slice(0, 8).map((prime) => root(BigInt(prime), 2, 64) & MASK),
    };
  }
  const turn = (x, n) => ((x >> n) | (x << (64n - n))) & MASK;
  const padded = new Uint8Array(Math.ceil((bytes.length + 17) / 128) * 128);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
  let state = tables512.start.slice();
  for (let at = 0; at < padded.length; at += 128) {
    const w = [];
    for (let i = 0; i < 80; i += 1) {
      if (i < 16) { w.push(view.getBigUint64(at + i * 8)); continue; }
      const [x, y] = [w[i - 15], w[i - 2]];
      const low = turn(x, 1n) ^ turn(x, 8n) ^ (x >> 7n);
      const high = turn(y, 19n) ^ turn(y, 61n) ^ (y >> 6n);
      w.push((w[i - 16] + low + w[i - 7] + high) & MASK);
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 80; i += 1) {
      const big = turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n);
      const one = h + big + ((e & f) ^ (~e & MASK & g)) + tables512.k[i] + w[i];
      const small = turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n);
      const two = small + ((a & b) ^ (a & c) ^ (b & c));
      h = g; g = f; f = e; e = (d + one) & MASK; d = c; c = b; b = a; a = (one + two) & MASK;
    }
    state = [a, b, c, d, e, f, g, h].map((word, i) => (word + state[i]) & MASK);
  }
  const out = new Uint8Array(64);
  state.forEach((word, i) => new DataView(out.buffer).setBigUint64(i * 8, word));
  return out;
}

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (value, by = P) => ((value % by) + by) % by;

function power(base, exponent) {
  let result = 1n;
  for (base = mod(base); exponent; exponent >>= 1n, base = (base * base) % P) {
    if (exponent & 1n) result = (result * base) % P;
  }
  return result;
}

const D = mod(-121665n * power(121666n, P - 2n));
const HALF = power(2n, (P - 1n) / 4n);

function little(bytes) {
  return bytes.reduceRight((total, byte) => (total << 8n) | BigInt(byte), 0n);
}

function point(bytes) {
  const packed = little(bytes);
  const y = packed & ((1n << 255n) - 1n);
  if (y >= P) return null;
  const square = mod((y * y - 1n) * power(D * y * y + 1n, P - 2n));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x - square)) x = mod(x * HALF);
  if (mod(x * x - square) || (x === 0n && packed >> 255n)) return null;
  if ((x & 1n) !== packed >> 255n) x = P - x;
  return [x, y, 1n, mod(x * y)];
}

function add(p, q) {
  const a = mod((p[1] - p[0]) * (q[1] - q[0]));
  const b = mod((p[1] + p[0]) * (q[1] + q[0]));
  const c = mod(2n * p[3] * q[3] * D);
  const d = mod(2n * p[2] * q[2]);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function times(scalar, base) {
  let total = [0n, 1n, 1n, 0n];
  for (; scalar; scalar >>= 1n, base = add(base, base)) if (scalar & 1n) total = add(total, base);
  return total;
}

export function ed25519HoldsByHand(key, signature, message) {
  const [start, scalar] = [signature.subarray(0, 32), little(signature.subarray(32))];
  const [publicPoint, nonce] = [point(key), point(start)];
  if (key.length !== 32 || signature.length !== 64 || !publicPoint || !nonce || scalar >= L) return false;
  const hashed = new Uint8Array(64 + message.length);
  hashed.set(start);
  hashed.set(key, 32);
  hashed.set(message, 64);
  const y = mod(4n * power(5n, P - 2n));
  const base = point(Uint8Array.from({ length: 32 }, (_, i) => Number((y >> BigInt(8 * i)) & 255n)));
  const left = times(scalar, base);
  const right = add(nonce, times(mod(little(sha512(hashed)), L), publicPoint));
  return !mod(left[0] * right[2] - right[0] * left[2]) && !mod(left[1] * right[2] - right[1] * left[2]);
}

export async function ed25519Holds(key, signature, message) {
  if (key.length !== 32 || signature.length !== 64) return false;
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
  } catch {
    return ed25519HoldsByHand(key, signature, message); // an older browser, or a page without TLS
  }
  return crypto.subtle.verify("Ed25519", imported, signature, message);
}
