// How far the preview is, and what can be done while it is not there.

const MANUAL = "Single pictures can be stepped through and marked meanwhile.";

/** A worker's own words begin with the name of the error's class, which tells a person nothing. */
export const plain = (error) => (error || "no reason was given.").replace(/^(?:\w+\.)+\w+: /, "");

export function notice(proxy, { fault, medium, covered }) {
  if (fault) return { kind: "error", words: `${fault} It can be withheld whole, or another export asked for; spans can be marked by numbers on the page of forms.` };
  const done = Math.round((proxy.progress ?? 0) * 100);
  const rest = medium === "audio" ? "" : ` ${MANUAL}`;
  if (proxy.state === "failed") {
    const still = medium === "audio" ? "Spans can still be marked by numbers and by the transcript." : "Single pictures can still be stepped through and marked.";
    return { kind: "error", words: `The preview could not be made: ${plain(proxy.error)} ${still} Else withhold it whole under “More”, or ask for another export.`, again: true };
  }
  if (proxy.state === "lost") return { kind: "error", words: "There is no connection just now. It is asked again by itself, and your marks are kept here.", again: false };
  if (covered && proxy.state !== "ready") return { kind: "info", words: `The preview is being made: ${done} %. What is there can be played.` };
  if (proxy.state !== "ready") return { kind: "info", words: `The preview is being made${done ? `: ${done} %` : ""}.${rest}` };
  return null;
}
