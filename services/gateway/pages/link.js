// What a page behind a mail's link does: takes the token out of the address, sends it when asked to, tells the outcome.

const PATIENCE_MILLISECONDS = 30000;

export const element = (id) => document.getElementById(id);

const form = element('form');
const button = element('send');
const final = new Set(form.dataset.final.split(' '));
const isForm = form.dataset.media === 'application/x-www-form-urlencoded';
const texts = new Map(
  Array.from(document.querySelectorAll('template[data-code]'), (template) => [
    template.dataset.code,
    template.content.textContent.trim(),
  ]),
);

const token = new URLSearchParams(location.search).get('token') ?? '';
// The token must not stay where history, screenshots and extensions read it.
history.replaceState(null, '', location.pathname);

export const textOf = (code) => texts.get(code);

// What a page with more than a button adds; each says whether all is well.
const own = {
  fields: () => ({}),
  check: () => true,
  refused: () => false,
};

export function add(more) {
  Object.assign(own, more);
}

function tell(code) {
  element('problem').textContent = texts.get(code) ?? texts.get('failed');
  form.hidden = final.has(code);
  if (form.hidden) element('problem').focus();
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
  const body = { token, ...own.fields() };
  let response;
  try {
    response = await fetch(form.dataset.path, {
      method: 'POST',
      headers: { 'Content-Type': form.dataset.media },
      body: isForm ? new URLSearchParams(body).toString() : JSON.stringify(body),
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

// Only a press of the button sends: programs that look into mails follow links, but press nothing.
async function submit(event) {
  event.preventDefault();
  if (sending) return;
  element('problem').textContent = '';
  if (!own.check()) return;
  sending = true;
  const label = button.textContent;
  button.textContent = form.dataset.sending;
  button.setAttribute('aria-disabled', 'true');
  const code = await send();
  sending = false;
  button.textContent = label;
  button.removeAttribute('aria-disabled');
  if (code === null) finish();
  else if (!own.refused(code)) tell(code);
}

form.addEventListener('submit', submit);
if (token) form.hidden = false;
else tell('link_missing');
