/** The options of every command that speaks to a gateway. */
import { type Command, InvalidArgumentError } from 'commander';

export interface GatewayOptions {
  readonly gateway?: string;
  readonly tokenFile?: string;
  readonly passwordFile?: string;
}

/** Adds them to a command that can do without a gateway. */
export function addGatewayOptions(command: Command): Command {
  return addLoginOptions(
    command.option(
      '--gateway <url>',
      'ask a running gateway, such as ws://127.0.0.1:18789, in place of its files',
      asGatewayUrl,
    ),
  );
}

/** Adds them to a command that cannot. */
export function addRequiredGatewayOptions(command: Command): Command {
  return addLoginOptions(
    command.requiredOption(
      '--gateway <url>',
      'the gateway, such as ws://127.0.0.1:18789',
      asGatewayUrl,
    ),
  );
}

function addLoginOptions(command: Command): Command {
  return command
    .option(
      '--token-file <file>',
      'a file with its token (else OPENCLAW_GATEWAY_TOKEN, else its openclaw.json)',
    )
    .option('--password-file <file>', 'a file with its password (else OPENCLAW_GATEWAY_PASSWORD)');
}

function asGatewayUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['ws:', 'wss:'].includes(url.protocol)) {
    throw new InvalidArgumentError('it must be a URL like ws://127.0.0.1:18789.');
  }
  if (url.username !== '' || url.password !== '') {
    throw new InvalidArgumentError('a secret in it would be seen by others: use --token-file.');
  }
  return text;
}
