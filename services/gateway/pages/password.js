// Asks for a password twice on the page behind a mail's link, and says at the field what is wrong with it.

import { add, element, textOf } from './link.js';

const LONGEST = 256;

const password = element('new-password');
const repeat = element('repeat');

// Counted as the server counts: code points of the normalised text (NFKC).
const lengthOf = (text) => Array.from(text.normalize('NFKC')).length;

function flaw() {
  const length = lengthOf(password.value);
  if (length < Number(password.dataset.least)) return [password, 'password_too_short'];
  if (length > LONGEST) return [password, 'password_too_long'];
  if (password.value !== repeat.value) return [repeat, 'differs'];
  return null;
}

function clear() {
  for (const field of [password, repeat]) {
    field.removeAttribute('aria-invalid');
    element(`${field.id}-flaw`).textContent = '';
  }
}

function point(field, code) {
  field.setAttribute('aria-invalid', 'true');
  element(`${field.id}-flaw`).textContent = textOf(code);
  field.focus();
}

function check() {
  clear();
  const found = flaw();
  if (found) point(...found);
  return !found;
}

function refused(code) {
  const isOfPassword = code.startsWith('password_') && textOf(code) !== undefined;
  if (isOfPassword) point(password, code);
  return isOfPassword;
}

element('show').addEventListener('change', (event) => {
  for (const field of [password, repeat]) field.type = event.target.checked ? 'text' : 'password';
});
add({ fields: () => ({ new_password: password.value }), check, refused });
