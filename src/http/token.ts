const TCHARS = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const IS_TCHAR = new Uint8Array(128);
for (const char of TCHARS) IS_TCHAR[char.charCodeAt(0)] = 1;

/** Whether a UTF-16 code unit is a tchar (RFC 9110 section 5.6.2). NaN, behind the end of a string, is not. */
export function isTokenCode(code: number): boolean {
  return IS_TCHAR[code] === 1;
}

/** Whether a text is a token (RFC 9110 section 5.6.2): at least one character, and each of them a tchar. */
export function isToken(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (IS_TCHAR[text.charCodeAt(at)] !== 1) return false;
  }
  return text.length > 0;
}
