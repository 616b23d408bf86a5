/* The time, although the phone's clock may be wrong: what the server said last tells by how much. And the words for it. */

const KEY = "visitcare-clock";
const EIGHT_HOURS = 8 * 3600 * 1000;

/* `said`: the server's time when it made the page or the answer that has just come. */
export function setBy(said) {
  const off = Date.parse(said) - Date.now();
  if (!isNaN(off)) localStorage.setItem(KEY, String(off));
}

export function now() {
  return Date.now() + Number(localStorage.getItem(KEY) || 0);
}

/* As in 2026-11-24T09:42:10.000+08:00, wherever the phone believes to be. */
export function inShanghai(moment) {
  return new Date(moment + EIGHT_HOURS).toISOString().replace("Z", "+08:00");
}

/* As in 2026-11-23, the day on which its week begins. */
export function mondayOf(moment) {
  const since = (new Date(moment + EIGHT_HOURS).getUTCDay() + 6) % 7;
  return inShanghai(moment - since * 24 * 3600 * 1000).slice(0, 10);
}

/* As in 9:42. */
export function clockWords(moment) {
  return inShanghai(moment).slice(11, 16).replace(/^0/, "");
}

/* As in 今天 9:42 or 11月24日 9:42. */
export function momentWords(moment) {
  const day = inShanghai(moment).slice(0, 10);
  const words = day === inShanghai(now()).slice(0, 10) ? "今天" : `${Number(day.slice(5, 7))}月${Number(day.slice(8))}日`;
  return `${words} ${clockWords(moment)}`;
}
