// The clock of all live pictures on a page. A look at a run brings new numbers to several pictures
// at once; each then moves from what it shows to its newest state, evenly, until the next look is
// due. Scripts that have this file joined before them share one clock.

/** Milliseconds: news within this time come from one look; after a longer pause than this nothing is
 *  played, for then the news are an answer to the learner; and the time from frame to frame. */
const ONE_LOOK = 60;
const LONGEST = 2000;
const FRAME = 1000 / 45;
/** How much longer than the last looks took the pictures move, so that they do not wait for the next. */
const SLACK = 1.15;

const beat = (window.nncoreBeat ??= startBeat());

/** Makes the clock. */
function startBeat() {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {Map<object, (share: number) => void>} */
  const playing = new Map();
  let [came, lasts, drawn, isTicking] = [-Infinity, 0, 0, false];

  /** @param {number} now */
  function notice(now) {
    const gap = now - came;
    if (gap < Math.max(ONE_LOOK, lasts / 3)) return;
    if (gap > LONGEST) lasts = 0;
    else lasts = lasts ? (lasts + gap * SLACK) / 2 : gap * SLACK;
    came = now;
  }

  /** @param {number} now */
  function tick(now) {
    const share = Math.max(0, Math.min(1, (now - came) / lasts));
    if (now - drawn >= FRAME || share === 1) {
      drawn = now;
      const draws = [...playing.values()];
      if (share === 1) playing.clear();
      draws.forEach((draw) => draw(share));
    }
    isTicking = playing.size > 0;
    if (isTicking) requestAnimationFrame(tick);
  }

  return {
    /**
     * Plays a picture's way to its newest state, instead of what it plays now.
     * @param {object} picture
     * @param {(share: number) => void} draw Draws the state after a share of the way, up to 1.
     */
    play(picture, draw) {
      notice(performance.now());
      if (calm.matches || document.hidden || !lasts) {
        playing.delete(picture);
        draw(1);
        return;
      }
      playing.set(picture, draw);
      draw(0);
      if (!isTicking) requestAnimationFrame(tick);
      isTicking = true;
    },
    /** @param {object} picture */
    forget: (picture) => playing.delete(picture),
  };
}

/**
 * Returns the number at a share of the way between two.
 * @param {number} from
 * @param {number} to
 * @param {number} share
 */
const between = (from, to, share) => (share === 1 ? to : from + (to - from) * share);
