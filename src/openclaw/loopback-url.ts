/** Whether a URL names loopback. */
export function isLoopbackUrl(url: string): boolean {
  const { hostname: host } = new URL(url);
  return host === 'localhost' || host === '[::1]' || /^127[.]\d+[.]\d+[.]\d+$/.test(host);
}
