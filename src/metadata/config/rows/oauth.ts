import { broker, type ConfigRow } from '../row.js';

/** OAUTHBEARER keys (SaslConfigs.java). */
export const OAUTH_ROWS: readonly ConfigRow[] = [
  broker(
    'sasl.oauthbearer.jwks.endpoint.refresh.ms',
    'LONG',
    '3600000',
    'How often the key set is fetched again.',
    { effect: false },
  ),
  broker('sasl.oauthbearer.expected.audience', 'LIST', '', 'Audiences a token may name.', { effect: false }),
  broker('sasl.oauthbearer.assertion.private.key.file', 'STRING', null, 'Key file that signs assertions.', {
    effect: false,
  }),
  broker('sasl.oauthbearer.assertion.claim.exp.seconds', 'INT', '300', 'Life of an assertion.', {
    effect: false,
  }),
  broker('sasl.oauthbearer.assertion.claim.aud', 'STRING', null, 'Audience of an assertion.', {
    effect: false,
  }),
  broker('sasl.oauthbearer.clock.skew.seconds', 'INT', '30', 'Clock difference that is forgiven.', {
    effect: false,
  }),
  broker('sasl.oauthbearer.scope', 'STRING', null, 'Scope asked for.', { effect: false }),
  broker('sasl.oauthbearer.jwks.endpoint.url', 'STRING', null, 'Where the key set is found.', {
    effect: false,
  }),
  broker('sasl.oauthbearer.assertion.file', 'STRING', null, 'File with a ready assertion.', {
    effect: false,
  }),
  broker(
    'sasl.oauthbearer.assertion.claim.jti.include',
    'BOOLEAN',
    'false',
    'Whether an assertion carries an id.',
    { effect: false },
  ),
  broker(
    'sasl.oauthbearer.assertion.private.key.passphrase',
    'PASSWORD',
    null,
    'Password of the assertion key.',
    { effect: false },
  ),
  broker('sasl.oauthbearer.assertion.template.file', 'STRING', null, 'Template of assertions.', {
    effect: false,
  }),
  broker('sasl.oauthbearer.scope.claim.name', 'STRING', 'scope', 'Claim that holds the scope.', {
    effect: false,
  }),
  broker('sasl.oauthbearer.expected.issuer', 'STRING', null, 'Issuer a token must name.', { effect: false }),
  broker('sasl.oauthbearer.sub.claim.name', 'STRING', 'sub', 'Claim that holds the subject.', {
    effect: false,
  }),
  broker(
    'sasl.oauthbearer.jwks.endpoint.retry.backoff.ms',
    'LONG',
    '100',
    'First pause between key set requests.',
    { effect: false },
  ),
  broker('sasl.oauthbearer.token.endpoint.url', 'STRING', null, 'Where tokens are issued.', {
    effect: false,
  }),
  broker('sasl.oauthbearer.assertion.algorithm', 'STRING', 'RS256', 'Algorithm that signs assertions.', {
    effect: false,
  }),
  broker(
    'sasl.oauthbearer.client.credentials.client.id',
    'STRING',
    null,
    'Client id of the credentials grant.',
    { effect: false },
  ),
  broker('sasl.oauthbearer.assertion.claim.nbf.seconds', 'INT', '60', 'How far back an assertion is valid.', {
    effect: false,
  }),
  broker(
    'sasl.oauthbearer.jwt.validator.class',
    'CLASS',
    'org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator',
    'Java class that checks tokens.',
    { effect: false },
  ),
  broker('sasl.oauthbearer.assertion.claim.sub', 'STRING', null, 'Subject of an assertion.', {
    effect: false,
  }),
  broker(
    'sasl.oauthbearer.client.credentials.client.secret',
    'PASSWORD',
    null,
    'Secret of the credentials grant.',
    { effect: false },
  ),
  broker('sasl.oauthbearer.assertion.claim.iss', 'STRING', null, 'Issuer of an assertion.', {
    effect: false,
  }),
  broker(
    'sasl.oauthbearer.jwt.retriever.class',
    'CLASS',
    'org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever',
    'Java class that fetches tokens.',
    { effect: false },
  ),
  broker(
    'sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms',
    'LONG',
    '10000',
    'Longest pause between key set requests.',
    { effect: false },
  ),
];
