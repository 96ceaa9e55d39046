/** The words that generated policies and records are made of. */
export const WORDS = {
  role: ['operator', 'node'],
  clientMode: ['webchat', 'cli', 'ui', 'backend', 'node', 'probe', 'test', 'worker'],
  kind: ['new-device', 'key-change', 'role-upgrade', 'scope-upgrade', 'metadata-upgrade'],
  authMethod: ['token', 'password', 'tailscale', 'trusted-proxy', 'device-token', 'none'],
  clientId: ['node-host', 'control-ui', 'cli', 'webchat', 'macos-app', 'ios-app', 'android-app'],
  platform: ['ios', 'android', 'macos', 'linux', 'windows', 'web'],
  deviceFamily: ['iphone', 'ipad', 'mac', 'pixel', 'server', 'desktop'],
  gateway: ['home', 'office', 'lab', 'berlin', 'lisbon', 'oslo', 'quito', 'seoul'],
} as const;

/** The scopes that generated connects ask for. */
export const SCOPES = [
  'operator.admin',
  'operator.read',
  'operator.write',
  'operator.approvals',
  'operator.pairing',
  'operator.talk',
  'operator.sessions.read',
  'operator.sessions.write',
] as const;
