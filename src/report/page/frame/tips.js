// Explanations on hover and on focus: the text of `data-tip`, whose first line is its head.

const DELAY_MS = 350;

export function listenToTips() {
  const tip = document.getElementById('tip');
  let timer = 0;
  let shown = null;
  const hide = () => {
    clearTimeout(timer);
    tip.hidden = true;
    shown?.removeAttribute('aria-describedby');
    shown = null;
  };
  const show = element => {
    showTip(element.dataset.tip, element.getBoundingClientRect());
    element.setAttribute('aria-describedby', 'tip');
    shown = element;
  };
  const consider = (event, delay) => {
    const element = event.target.closest?.('[data-tip]');
    if (element === shown && element) return;
    hide();
    if (element) timer = setTimeout(() => { if (element.isConnected) show(element); }, delay);
  };
  document.addEventListener('pointerover', event => { if (event.pointerType !== 'touch') consider(event, DELAY_MS); });
  document.addEventListener('focusin', event => { if (event.target.matches(':focus-visible')) consider(event, 0); else hide(); });
  document.addEventListener('focusout', hide);
  document.addEventListener('pointerdown', hide);
  document.addEventListener('keydown', event => { if (event.key === 'Escape') hide(); });
}

// Shows a text whose first line is its head, if it has more than one.
export function showTip(text, at) {
  const tip = document.getElementById('tip');
  const [head, ...rest] = text.split('\n');
  const bold = document.createElement('b');
  bold.textContent = `${head}\n`;
  tip.replaceChildren(...(rest.length > 0 ? [bold, rest.join('\n')] : [head]));
  tip.hidden = false;
  place(tip, at);
}

// Below what it explains, or above if there is no room.
function place(tip, { left, right, top, bottom }) {
  const { offsetWidth: width, offsetHeight: height } = tip;
  const x = Math.max(8, Math.min(innerWidth - width - 8, (left + right - width) / 2));
  const y = bottom + 8 + height < innerHeight ? bottom + 8 : Math.max(8, top - height - 8);
  tip.style.setProperty('left', `${x}px`);
  tip.style.setProperty('top', `${y}px`);
}
