/** What must never be written down: by the name it has, or by how it is given in a text. */

/** What stands in place of a secret. */
export const REDACTED = '[redacted]';

/** Of a name without case and punctuation, so that `authToken`, `auth_token` and `AUTH-TOKEN` are one. */
const SECRET_NAME =
  /token|secret|passw|passphrase|passcode|^pass$|pwd|signature|^sig$|credential|apikey|accesskey|privatekey|signingkey|encryptionkey|cookie|authorization|bearer|jwt|nonce|^pin$|otp$|setupcode/;

/** Whether all that a field of this name holds is taken for a secret: also everything under `auth`. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return plain === 'auth' || SECRET_NAME.test(plain);
}

const SECRET_IN_TEXT =
  /(?:token|secret|passw(?:or)?d|signature|api[-_]?key|authorization)["']?\s*[=:]|\bbearer\s|-----BEGIN|\beyJ[\w-]{8,}\.|:\/\/[^\s/@]+@/i;

/** Whether a text seems to hold a secret: a query with `token=`, a bearer header, a JWT, a private key, a login in a URL. */
export function holdsSecret(text: string): boolean {
  return SECRET_IN_TEXT.test(text);
}
