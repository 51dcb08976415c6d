import { broker, type ConfigRow } from '../row.js';
import { atLeast, noDuplicates, oneOf } from '../validators.js';

/** TLS, SASL and delegation tokens (BrokerSecurityConfigs, DelegationTokenManagerConfigs). */
export const SECURITY_ROWS: readonly ConfigRow[] = [
  broker(
    'connections.max.reauth.ms',
    'LONG',
    '0',
    'Longest life of a SASL session without a new authentication.',
  ),
  broker('sasl.server.max.receive.size', 'INT', '524288', 'Largest SASL message before authentication.'),
  broker('security.providers', 'STRING', null, 'Java security providers.', { effect: false }),
  broker(
    'principal.builder.class',
    'CLASS',
    'org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder',
    'Java class that names the principal.',
    { dynamic: 'per-broker', effect: false },
  ),
  broker('ssl.client.auth', 'STRING', 'none', 'Whether clients must show a certificate.', {
    valid: oneOf('required', 'requested', 'none'),
    dynamic: 'per-broker',
  }),
  broker(
    'ssl.principal.mapping.rules',
    'STRING',
    'DEFAULT',
    "Rules that turn a certificate's name into a principal.",
  ),
  broker('ssl.allow.dn.changes', 'BOOLEAN', 'false', 'Whether a new keystore may carry another name.', {
    effect: false,
  }),
  broker(
    'ssl.allow.san.changes',
    'BOOLEAN',
    'false',
    'Whether a new keystore may carry other alternative names.',
    { effect: false },
  ),
  broker('ssl.protocol', 'STRING', 'TLSv1.3', 'TLS version contexts are made with.', {
    dynamic: 'per-broker',
    effect: false,
  }),
  broker('ssl.provider', 'STRING', null, 'Java TLS provider.', { dynamic: 'per-broker', effect: false }),
  broker('ssl.enabled.protocols', 'LIST', 'TLSv1.2,TLSv1.3', 'TLS versions that are accepted.', {
    valid: noDuplicates,
    dynamic: 'per-broker',
  }),
  broker(
    'ssl.keystore.type',
    'STRING',
    'JKS',
    'Format of the key store; PEM and PKCS12 are read by Millrace.',
    { dynamic: 'per-broker' },
  ),
  broker('ssl.keystore.location', 'STRING', null, 'File of the key store.', { dynamic: 'per-broker' }),
  broker('ssl.keystore.password', 'PASSWORD', null, 'Password of the key store.', { dynamic: 'per-broker' }),
  broker('ssl.key.password', 'PASSWORD', null, 'Password of the private key.', { dynamic: 'per-broker' }),
  broker('ssl.keystore.key', 'PASSWORD', null, 'Private key as PEM text.', { dynamic: 'per-broker' }),
  broker('ssl.keystore.certificate.chain', 'PASSWORD', null, 'Certificate chain as PEM text.', {
    dynamic: 'per-broker',
  }),
  broker('ssl.truststore.type', 'STRING', 'JKS', 'Format of the trust store.', { dynamic: 'per-broker' }),
  broker('ssl.truststore.location', 'STRING', null, 'File of the trust store.', { dynamic: 'per-broker' }),
  broker('ssl.truststore.password', 'PASSWORD', null, 'Password of the trust store.', {
    dynamic: 'per-broker',
  }),
  broker('ssl.truststore.certificates', 'PASSWORD', null, 'Trusted certificates as PEM text.', {
    dynamic: 'per-broker',
  }),
  broker('ssl.keymanager.algorithm', 'STRING', 'SunX509', 'Java key manager.', {
    dynamic: 'per-broker',
    effect: false,
  }),
  broker('ssl.trustmanager.algorithm', 'STRING', 'PKIX', 'Java trust manager.', {
    dynamic: 'per-broker',
    effect: false,
  }),
  broker(
    'ssl.endpoint.identification.algorithm',
    'STRING',
    'https',
    'Host name check of outgoing connections.',
    { dynamic: 'per-broker', effect: false },
  ),
  broker('ssl.secure.random.implementation', 'STRING', null, 'Java random source for TLS.', {
    dynamic: 'per-broker',
    effect: false,
  }),
  broker('ssl.cipher.suites', 'LIST', '', 'Cipher suites that are accepted; empty accepts the defaults.', {
    valid: noDuplicates,
    dynamic: 'per-broker',
  }),
  broker('ssl.engine.factory.class', 'CLASS', null, 'Java class that makes TLS engines.', {
    dynamic: 'per-broker',
    effect: false,
  }),
  broker('sasl.mechanism.inter.broker.protocol', 'STRING', 'GSSAPI', 'SASL mechanism between brokers.', {
    dynamic: 'per-broker',
    effect: false,
  }),
  broker('sasl.enabled.mechanisms', 'LIST', 'GSSAPI', 'SASL mechanisms that are offered.', {
    valid: noDuplicates,
    dynamic: 'per-broker',
  }),
  broker('sasl.server.callback.handler.class', 'CLASS', null, 'Java callback handler of the server side.', {
    effect: false,
  }),
  broker(
    'sasl.kerberos.principal.to.local.rules',
    'LIST',
    'DEFAULT',
    'Rules from Kerberos principals to short names.',
    { valid: noDuplicates, dynamic: 'per-broker', effect: false },
  ),
  broker('sasl.jaas.config', 'PASSWORD', null, 'JAAS login of a listener and mechanism.', {
    dynamic: 'per-broker',
  }),
  broker('sasl.client.callback.handler.class', 'CLASS', null, 'Java callback handler of the client side.', {
    effect: false,
  }),
  broker('sasl.login.class', 'CLASS', null, 'Java login class.', { effect: false }),
  broker('sasl.login.callback.handler.class', 'CLASS', null, 'Java callback handler of the login.', {
    effect: false,
  }),
  broker('sasl.kerberos.service.name', 'STRING', null, 'Kerberos service name.', {
    dynamic: 'per-broker',
    effect: false,
  }),
  broker('sasl.kerberos.kinit.cmd', 'STRING', '/usr/bin/kinit', 'Path of kinit.', {
    dynamic: 'per-broker',
    effect: false,
  }),
  broker(
    'sasl.kerberos.ticket.renew.window.factor',
    'DOUBLE',
    '0.8',
    "Share of a ticket's life after which it is renewed.",
    { dynamic: 'per-broker', effect: false },
  ),
  broker('sasl.kerberos.ticket.renew.jitter', 'DOUBLE', '0.05', 'Random part of the ticket renewal time.', {
    dynamic: 'per-broker',
    effect: false,
  }),
  broker(
    'sasl.kerberos.min.time.before.relogin',
    'LONG',
    '60000',
    'Least time between two Kerberos logins.',
    { dynamic: 'per-broker', effect: false },
  ),
  broker(
    'sasl.login.refresh.window.factor',
    'DOUBLE',
    '0.8',
    "Share of a token's life after which it is refreshed.",
    { dynamic: 'per-broker', effect: false },
  ),
  broker('sasl.login.refresh.window.jitter', 'DOUBLE', '0.05', 'Random part of the token refresh time.', {
    dynamic: 'per-broker',
    effect: false,
  }),
  broker('sasl.login.refresh.min.period.seconds', 'SHORT', '60', 'Least time between token refreshes.', {
    dynamic: 'per-broker',
    effect: false,
  }),
  broker('sasl.login.refresh.buffer.seconds', 'SHORT', '300', 'Time kept in hand before a token expires.', {
    dynamic: 'per-broker',
    effect: false,
  }),
  broker('sasl.login.connect.timeout.ms', 'INT', null, 'Connect timeout towards the token provider.', {
    effect: false,
  }),
  broker('sasl.login.read.timeout.ms', 'INT', null, 'Read timeout towards the token provider.', {
    effect: false,
  }),
  broker('sasl.login.retry.backoff.max.ms', 'LONG', '10000', 'Longest pause between login attempts.', {
    effect: false,
  }),
  broker('sasl.login.retry.backoff.ms', 'LONG', '100', 'First pause between login attempts.', {
    effect: false,
  }),
  broker('delegation.token.secret.key', 'PASSWORD', null, 'Secret that signs delegation tokens.', {
    effect: false,
  }),
  broker('delegation.token.max.lifetime.ms', 'LONG', '604800000', 'Longest life of a delegation token.', {
    valid: atLeast(1),
    effect: false,
  }),
  broker(
    'delegation.token.expiry.time.ms',
    'LONG',
    '86400000',
    'Life of a delegation token between renewals.',
    { valid: atLeast(1), effect: false },
  ),
  broker(
    'delegation.token.expiry.check.interval.ms',
    'LONG',
    '3600000',
    'How often expired tokens are removed.',
    { valid: atLeast(1), effect: false },
  ),
];
