// A real Vendure shop for tests: one country, one tax rate, one shipping method, one payment that always settles.
// Env: PORT, DATA_DIR, DATABASE_URL (an empty PostgreSQL database; without it: SQLite in memory, as WebAssembly, so that
// no compiler is needed). Prints one JSON line once it takes requests, with the login of its administrator.
process.env.VENDURE_DISABLE_TELEMETRY = 'true';
const fs = require('fs');
const path = require('path');
const { randomBytes } = require('crypto');
const { bootstrap, DefaultJobQueuePlugin, DefaultLogger, LogLevel, LanguageCode, dummyPaymentHandler } =
  require('@vendure/core');
const { populate } = require('@vendure/core/cli');

const port = Number(process.env.PORT);
const data = path.resolve(process.env.DATA_DIR);
fs.mkdirSync(data, { recursive: true });

const login = { user: 'superadmin', password: randomBytes(12).toString('hex') };
const database = process.env.DATABASE_URL ? { type: 'postgres', url: process.env.DATABASE_URL } : { type: 'sqljs' };
const config = {
  apiOptions: { port, hostname: '127.0.0.1', adminApiPath: 'admin-api', shopApiPath: 'shop-api', introspection: true },
  authOptions: {
    tokenMethod: ['bearer', 'api-key'],
    superadminCredentials: { identifier: login.user, password: login.password },
    requireVerification: false,
  },
  dbConnectionOptions: { ...database, synchronize: true, logging: false },
  importExportOptions: { importAssetsDir: data },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  logger: new DefaultLogger({ level: LogLevel.Error }),
  plugins: [DefaultJobQueuePlugin.init({ pollInterval: 1000 })],
};

const settles = [{ name: 'automaticSettle', value: 'true' }];
const firstData = {
  defaultLanguage: LanguageCode.en,
  defaultZone: 'Europe',
  countries: [{ name: 'Germany', code: 'DE', zone: 'Europe' }],
  taxRates: [{ name: 'Standard Tax', percentage: 19 }],
  shippingMethods: [{ name: 'Standard Shipping', price: 500 }],
  paymentMethods: [{ name: 'Dummy', handler: { code: dummyPaymentHandler.code, arguments: settles } }],
  collections: [],
};

async function main() {
  const app = await bootstrap(config);
  await populate(() => Promise.resolve(app), firstData);
  console.log(JSON.stringify({ ready: true, login }));
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => app.close().finally(() => process.exit(0)));
}

main().catch(error => { console.error(error); process.exit(1); });
