// Asking the server: JSON both ways, and every failure with a sentence a person can act on.

let cookieName = "csrftoken";

export const useCookie = (name) => (cookieName = name || cookieName);

function token() {
  // signing in again in another tab makes a new one, so the cookie counts, not the page
  const found = document.cookie.split("; ").find((row) => row.startsWith(`${cookieName}=`));
  return found ? decodeURIComponent(found.slice(cookieName.length + 1)) : JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";
}

export class Failure extends Error {
  constructor(status, message, data = null) {
    super(message);
    Object.assign(this, { status, data });
  }
}

/** Whether the same may succeed later: no connection, signed out, too many at once, the server's own fault. */
export const passes = ({ status }) => status === 0 || status === 401 || status === 429 || status >= 500;

/** Gives the JSON answer. Throws a Failure {status, message, data}: status 0 without connection, 401 signed out. */
export async function json(url, { method = "GET", body, signal, keepalive = false } = {}) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = token();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const sent = body === undefined ? undefined : JSON.stringify(body);
  let answer;
  try {
    // a browser refuses to keep more than 64 kB alive
    answer = await fetch(url, { method, headers, body: sent, signal, credentials: "same-origin", keepalive: keepalive && (sent?.length ?? 0) < 60_000 });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure(0, "There is no connection.");
  }
  const isJson = answer.headers.get("Content-Type")?.includes("json");
  const data = isJson ? await answer.json().catch(() => null) : null;
  if (answer.ok && isJson) return data;
  if (answer.ok && answer.status === 204) return null;
  if ((answer.redirected && !isJson) || (answer.status === 403 && !isJson)) throw new Failure(401, "You are signed out. Sign in again in another tab; this page goes on by itself.");
  throw new Failure(answer.status, data?.message ?? `The server answered ${answer.status}.`, data);
}
