// Sets a password by the link of a mail: takes the token out of the address, asks twice, sends, tells the outcome.
'use strict';

const LONGEST = 256;
const PATIENCE_MILLISECONDS = 30000;
const FINAL = new Set(['link_invalid', 'link_missing']);

const element = (id) => document.getElementById(id);
const form = element('form');
const password = element('new-password');
const repeat = element('repeat');
const button = element('send');
const texts = new Map(
  Array.from(document.querySelectorAll('template[data-code]'), (template) => [
    template.dataset.code,
    template.content.textContent.trim(),
  ]),
);

const token = new URLSearchParams(location.search).get('token') ?? '';
// The token must not stay where history, screenshots and extensions read it.
history.replaceState(null, '', location.pathname);

// Counted as the server counts: code points of the normalised text (NFKC).
const lengthOf = (text) => Array.from(text.normalize('NFKC')).length;

function flaws() {
  const length = lengthOf(password.value);
  if (length < Number(form.dataset.least)) return [password, 'password_too_short'];
  if (length > LONGEST) return [password, 'password_too_long'];
  if (password.value !== repeat.value) return [repeat, 'differs'];
  return null;
}

function clear() {
  element('problem').textContent = '';
  for (const field of [password, repeat]) {
    field.removeAttribute('aria-invalid');
    element(`${field.id}-flaw`).textContent = '';
  }
}

function point(field, code) {
  field.setAttribute('aria-invalid', 'true');
  element(`${field.id}-flaw`).textContent = texts.get(code);
  field.focus();
}

function tell(code) {
  element('problem').textContent = texts.get(code) ?? texts.get('failed');
  form.hidden = FINAL.has(code);
  if (form.hidden) element('problem').focus();
}

function refused(code) {
  if (code.startsWith('password_') && texts.has(code)) point(password, code);
  else tell(code);
}

async function codeOf(response) {
  try {
    const problem = await response.json();
    return String(problem.errors?.[0]?.code ?? problem.code);
  } catch {
    return 'failed';
  }
}

async function send() {
  let response;
  try {
    response = await fetch('/v1/password/reset', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token, new_password: password.value }),
      credentials: 'omit',
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
    });
  } catch {
    return 'unreachable';
  }
  return response.ok ? null : codeOf(response);
}

function finish() {
  // Gone rather than hidden: password managers take that for success and offer to save.
  element('ask').remove();
  element('done').hidden = false;
  element('done').focus();
}

let sending = false;

async function submit(event) {
  event.preventDefault();
  if (sending) return;
  clear();
  const flaw = flaws();
  if (flaw) {
    point(...flaw);
    return;
  }
  sending = true;
  const label = button.textContent;
  button.textContent = form.dataset.sending;
  button.setAttribute('aria-disabled', 'true');
  const code = await send();
  sending = false;
  button.textContent = label;
  button.removeAttribute('aria-disabled');
  if (code === null) finish();
  else refused(code);
}

element('show').addEventListener('change', (event) => {
  for (const field of [password, repeat]) field.type = event.target.checked ? 'text' : 'password';
});
form.addEventListener('submit', submit);
if (token) form.hidden = false;
else tell('link_missing');
