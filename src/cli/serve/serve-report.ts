/** What `serve` tells: a line for each thing that happens, for a person or as JSON. */
import type { LivePolicy, PendingRequest } from '../../live/index.js';
import type { PairPolicyError } from '../../model/index.js';
import type {
  GatewayAdmission,
  GatewayFindings,
  GatewayKnowledge,
  GatewayLink,
  GatewayService,
  GatewayStore,
} from '../../openclaw/index.js';
import type { Rule } from '../../policy/index.js';
import { explainFindings } from '../gateway/explain-findings.js';
import { renderProblems } from '../render/render-problems.js';
import { showText } from '../render/show-value.js';
import { tellProblems } from '../stores/tell-problems.js';
import { type Paint, painter, type Terminal } from '../terminal.js';
import type { ServeOptions } from './serve-options.js';

/** Where what happens is told; nothing of it waits for the reader. */
export class ServeReport {
  readonly #terminal: Terminal;
  readonly #isJson: boolean;
  readonly #isShadow: boolean;
  readonly #paint: Paint;
  #missed: string | undefined;
  #rules: readonly Rule[] = [];
  #findings: GatewayFindings | undefined;
  readonly #explained = new Set<string>();

  constructor({ format, shadow }: ServeOptions, terminal: Terminal) {
    this.#terminal = terminal;
    this.#isJson = format === 'json';
    this.#isShadow = shadow === true;
    this.#paint = painter(terminal.stdout, terminal.env);
  }

  policy(policy: LivePolicy): void {
    const { document, revision } = policy.current;
    const count = document.rules.length;
    this.#rules = document.rules;
    const text = `policy ${revision} with ${count} rules is in force`;
    this.#line('policy', text, { revision, generation: policy.generation, rules: count });
    policy.on('reloaded', ({ policy: reloaded, generation, removed, added }) => {
      const { revision: next } = reloaded;
      this.#rules = reloaded.document.rules;
      const changes = [
        ...(added.length > 0 ? [`new: ${added.join(', ')}`] : []),
        ...(removed.length > 0 ? [`gone: ${removed.join(', ')}`] : []),
      ].join('; ');
      const what = changes === '' ? '' : ` (${changes})`;
      this.#line('policy', `policy ${next} is in force now${what}`, {
        revision: next,
        generation,
        removed,
        added,
      });
      if (this.#findings) this.#explain(this.#findings);
    });
    policy.on('rejected', ({ problems, sources }) => {
      const paint = painter(this.#terminal.stderr, this.#terminal.env);
      this.#terminal.stderr.write(renderProblems(problems, sources, paint));
      this.notice('what the policy files hold now cannot be in force: the policy before stays');
    });
  }

  connecting(url: string): void {
    this.#line('connecting', `connecting to ${url}; it is tried until it answers`, { url });
  }

  /** Why there is no connection, once until there is one or the reason is another. */
  missed({ problems }: PairPolicyError): void {
    for (const { message, hint } of problems) {
      if (message === this.#missed) continue;
      this.#missed = message;
      this.notice(`${message}; ${hint}`);
    }
  }

  status(url: string): void {
    this.#line('status', `metrics and health at ${url}`, { url });
  }

  notice(message: string): void {
    this.#line('notice', this.#paint('yellow', showText(message, 400)), { message });
  }

  gateway(link: GatewayLink, knowledge: GatewayKnowledge): void {
    knowledge.on('found', (findings) => this.#connected(findings));
    link.on('down', ({ code, reason }) =>
      this.notice(`the gateway is gone (${code} ${reason}); it is tried again`),
    );
  }

  service({ agent }: GatewayService, store: GatewayStore): void {
    agent.on('decided', ({ request, record, decision, grantable }) => {
      const { action, rule, cause, reason } = decision;
      const by = rule === null ? '' : ` by ${rule}`;
      const would = this.#isShadow ? 'would ' : '';
      const text = `${this.#paint(COLOURS[action], `${would}${action}`)} ${nameOf(request)}${by}: ${reason}${insteadOf(grantable)}`;
      this.#line('decided', text, {
        requestId: request.requestId,
        record,
        action,
        rule,
        cause,
        reason,
        grantable,
      });
    });
    agent.on('approved', ({ request, decision, tookMs }) => {
      const { requestId, deviceId } = request;
      const took = tookMs === undefined ? '' : ` ${tookMs.toFixed(2)} ms after it was asked`;
      this.#line('approved', `paired ${nameOf(request)}${took}`, {
        requestId,
        deviceId,
        rule: decision.rule,
        tookMs,
      });
    });
    agent.on('rejected', ({ request: { requestId, deviceId } }) => {
      this.#line('rejected', `rejected ${requestId}`, { requestId, deviceId });
    });
    agent.on('failed', ({ error }) => tellProblems(error.problems, this.#terminal));
    store.on('differs', ({ request, differences, removed, pairedMs }) => {
      const outcome = removed
        ? `it was removed again after ${pairedMs} ms`
        : 'IT COULD NOT BE REMOVED: remove it by hand';
      const text = `${nameOf(request)} was paired otherwise than decided (${differences.join('; ')}): ${outcome}`;
      const { requestId, deviceId } = request;
      this.#line('differs', this.#paint('red', showText(text, 600)), {
        requestId,
        deviceId,
        differences,
        removed,
        pairedMs,
      });
    });
  }

  #connected(findings: GatewayFindings): void {
    const { settings, isOwnHost, untold } = findings;
    this.#missed = undefined;
    const version = settings.version ?? 'of an unknown release';
    this.#line('connected', `connected to a gateway ${version}`, { settings, isOwnHost });
    this.#findings = findings;
    this.#explain(findings);
    if (untold.has('ownAddresses')) {
      this.notice(
        'the own addresses of the gateway are not known from here, so `own-tailnet` and `own-address` stay unknown; say them: --own-address',
      );
    }
  }

  /** What has not been said already. */
  #explain(findings: GatewayFindings): void {
    for (const { message, hint } of explainFindings(findings, this.#rules)) {
      const text = `${message}; ${hint}`;
      if (this.#explained.has(text)) continue;
      this.#explained.add(text);
      this.notice(text);
    }
  }

  admitted({ request, way, afterMs }: GatewayAdmission, service: GatewayService): void {
    const { requestId, deviceId } = request;
    const counts = service.admissions.counts;
    const data = { requestId, deviceId, way, afterMs, counts };
    const after = afterMs === undefined ? '' : ` after ${Math.round(afterMs)} ms`;
    if (way !== 'paused') {
      this.#line('admission', `connected ${nameOf(request)} ${WAYS[way]}${after}`, data);
      return;
    }
    const run =
      request.record.clientMode === 'node' ? '`openclaw node restart` there' : 'start it again';
    this.#line(
      'admission',
      this.#paint('yellow', `${nameOf(request)} is paired, and has stopped: ${run}`),
      data,
    );
  }

  #line(event: string, text: string, data: object): void {
    const time = new Date(this.#terminal.now()).toISOString();
    const line = this.#isJson ? JSON.stringify({ time, event, ...data }) : `${time} ${text}`;
    this.#terminal.stdout.write(`${line}\n`);
  }
}

/** A gateway cannot approve a part of what is asked for, so the client must ask for less. */
function insteadOf(grantable: readonly string[] | undefined): string {
  if (!grantable) return '';
  const scopes = grantable.length === 0 ? 'no scopes' : grantable.join(', ');
  return `; it would be approved if it asked for ${scopes} instead`;
}

const COLOURS = { approve: 'green', hold: 'yellow', deny: 'red' } as const;
const WAYS = { 'at-once': 'at once', 'by-retry': 'by its own retry' } as const;

function nameOf({ requestId, deviceId, record }: PendingRequest): string {
  const { displayName, remoteIp } = record;
  const name = displayName ? ` ${showText(JSON.stringify(displayName), 40)}` : '';
  const from = remoteIp ? ` from ${showText(remoteIp, 60)}` : '';
  return `${requestId} (${deviceId.slice(0, 12)}${name}${from})`;
}
