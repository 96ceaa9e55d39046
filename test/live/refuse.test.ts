import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConnectAnswer } from '../../src/live/index.js';
import { cutToBytes } from '../../src/live/refuse.js';
import { deviceNo, nodeNo, operatorNo, pairAs, policyOf, RULES, setUp } from './set-up.js';

const detailsOf = (answer: ConnectAnswer) => (answer.admitted ? undefined : answer.error.details);

describe('what a client is told that is not let in', () => {
  it('is what the gateway says, for one that waits for a person', async () => {
    const { hook, store } = setUp(policyOf(RULES.holdAdmin));
    const answer = await hook.onConnect(operatorNo(1, { scopes: ['operator.admin'] }));
    const requestId = store.allPending()[0]?.requestId;
    expect(answer).toMatchObject({
      admitted: false,
      error: {
        code: 'NOT_PAIRED',
        message: 'pairing required: device is not approved yet',
        details: {
          code: 'PAIRING_REQUIRED',
          reason: 'not-paired',
          requestId,
          deviceId: deviceNo(1).deviceId,
          recommendedNextStep: 'wait_then_retry',
          retryable: true,
          pauseReconnect: false,
          requestedRole: 'operator',
          requestedScopes: ['operator.admin'],
          policy: { action: 'hold', rule: 'hold-admin', cause: 'rule', missing: [], generation: 1 },
        },
      },
      close: {
        code: 1008,
        reason: `pairing required: device is not approved yet (requestId: ${requestId})`,
      },
    });
    expect(detailsOf(answer)?.remediationHint).toBe(
      'the rule `hold-admin` holds: admin needs a person; ' +
        `to approve it: \`pair-policy approve ${requestId}\`; scopes asked for: \`operator.admin\``,
    );
  });

  it('is that it should not come again, for one that is denied', async () => {
    const { hook } = setUp(policyOf(RULES.noLinux));
    const answer = await hook.onConnect(operatorNo(1));
    expect(detailsOf(answer)).toMatchObject({ retryable: false, pauseReconnect: true });
    expect(detailsOf(answer)).not.toHaveProperty('recommendedNextStep');
    expect(detailsOf(answer)).not.toHaveProperty('requestId');
    expect(answer).toMatchObject({
      close: { reason: 'pairing required: device is not approved yet (rule: no-linux)' },
    });
    expect(detailsOf(answer)?.remediationHint).toContain(
      'the rule `no-linux` denies: linux is not let in; to let it in, change the policy',
    );
  });

  it('is which facts are missing', async () => {
    const { hook } = setUp(policyOf(RULES.lan));
    const details = detailsOf(await hook.onConnect(operatorNo(1, { remoteIp: undefined })));
    expect(details?.policy).toMatchObject({ cause: 'unknown-fact', missing: ['remoteIp'] });
    expect(details?.remediationHint).toContain('not known: `remoteIp`');
  });

  it('is which scopes it has and would get', async () => {
    const { hook, store } = setUp(policyOf(RULES.lan));
    await pairAs(store, operatorNo(1));
    const more = operatorNo(1, { scopes: ['operator.read', 'operator.approvals'] });
    const details = detailsOf(await hook.onConnect(more));
    expect(details).toMatchObject({
      reason: 'scope-upgrade',
      requestedScopes: ['operator.read', 'operator.approvals'],
      approvedRoles: ['operator'],
      approvedScopes: ['operator.read'],
      policy: { grantableScopes: ['operator.read', 'operator.sessions.read'] },
    });
    expect(details?.remediationHint).toContain(
      'scopes asked for: `operator.read`, `operator.approvals`; approved: `operator.read`; ' +
        'the policy would grant: `operator.read`, `operator.sessions.read`',
    );
  });

  it('is no scopes to ask for where it would not be let in with any', async () => {
    const { hook } = setUp(policyOf(RULES.lan));
    const details = detailsOf(await hook.onConnect(operatorNo(1, { remoteIp: '203.0.113.1' })));
    expect(details?.policy).not.toHaveProperty('grantableScopes');
  });

  it.each([
    ['role-upgrade', nodeNo(1), 'device is asking for a higher role than currently approved'],
    [
      'metadata-upgrade',
      operatorNo(1, { platform: 'windows' }),
      'device identity changed and must be re-approved',
    ],
  ])('is a %s', async (reason, record, requirement) => {
    const { hook, store } = setUp(policyOf(RULES.holdAdmin));
    await pairAs(store, operatorNo(1));
    const answer = await hook.onConnect(record);
    expect(answer).toMatchObject({
      error: { message: `pairing required: ${requirement}`, details: { reason } },
    });
    if (!answer.admitted) {
      expect(Buffer.byteLength(answer.close.reason)).toBeLessThanOrEqual(120);
    }
  });

  it('holds nothing of theirs that could draw on a terminal', async () => {
    const { hook } = setUp(policyOf(RULES.holdAdmin));
    const answer = await hook.onConnect(operatorNo(1, { scopes: ['a\u202eb', 'x'.repeat(500)] }));
    const hint = detailsOf(answer)?.remediationHint;
    expect(hint).toContain('`a\\u202eb`');
    expect(hint?.length).toBeLessThan(400);
  });
});

describe('a close reason', () => {
  it('is cut to bytes on a character', () => {
    const texts = fc.string({ unit: 'grapheme', maxLength: 200 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 0, max: 130 }), (text, max) => {
        const cut = cutToBytes(text, max);
        expect(text.startsWith(cut)).toBe(true);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(max);
        expect(cut).not.toContain('\ufffd');
        // Nothing that would have fitted is missing: a character has four bytes at most.
        if (cut !== text) expect(Buffer.byteLength(cut)).toBeGreaterThan(max - 4);
      }),
    );
  });
});
