// A real Medusa shop on PostgreSQL for tests: one country with tax, one stock location, one shipping option, one
// payment that is captured by hand. Env: PORT, DATABASE_URL (an empty database). Prints one JSON line once it takes
// requests: a secret API key, and the ids of what it was filled with.
const { randomBytes } = require('crypto');
const { execFileSync } = require('child_process');

process.env.MEDUSA_DISABLE_TELEMETRY = 'true';
process.env.NODE_ENV = 'production';
process.env.LOG_LEVEL = 'error';
process.env.SECRET = randomBytes(16).toString('hex');

const port = Number(process.env.PORT);
const host = '127.0.0.1';
const country = 'de';

function migrate() {
  const words = [require.resolve('@medusajs/cli/cli.js'), 'db:migrate', '--execute-safe-links'];
  execFileSync(process.execPath, words, { cwd: __dirname, stdio: ['ignore', 'ignore', 'inherit'] });
}

async function secretKey() {
  const { container } = require('@medusajs/framework');
  const { Modules } = require('@medusajs/framework/utils');
  const wanted = { title: 'first', type: 'secret', created_by: 'server.js' };
  return (await container.resolve(Modules.API_KEY).createApiKeys(wanted)).token;
}

function merchant(key) {
  const authorization = `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
  return async (path, body) => {
    const headers = { authorization, 'content-type': 'application/json' };
    const sent = body ? { method: 'POST', body: JSON.stringify(body) } : {};
    const answer = await fetch(`http://${host}:${port}/admin${path}`, { headers, ...sent });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
}

async function fill(ask) {
  const channel = (await ask('/sales-channels', { name: 'Web' })).sales_channel.id;
  const { region } = await ask('/regions', {
    name: 'Europe', currency_code: 'eur', countries: [country], payment_providers: ['pp_system_default'],
  });
  await ask('/tax-regions', {
    country_code: country, provider_id: 'tp_system', default_tax_rate: { rate: 19, code: 'VAT', name: 'VAT' },
  });
  const location = await openLocation(ask, channel);
  const profile = (await ask('/shipping-profiles', { name: 'Usual', type: 'usual' })).shipping_profile.id;
  const shipping = await openShipping(ask, location, profile);
  const { api_key: shop } = await ask('/api-keys', { title: 'Web', type: 'publishable' });
  await ask(`/api-keys/${shop.id}/sales-channels`, { add: [channel] });
  return { channel, region: region.id, location, profile, shipping, shop_key: shop.token };
}

async function openLocation(ask, channel) {
  const address = { address_1: 'Torstraße 1', city: 'Berlin', country_code: country, postal_code: '10119' };
  const { id } = (await ask('/stock-locations', { name: 'Berlin', address })).stock_location;
  await ask(`/stock-locations/${id}/sales-channels`, { add: [channel] });
  await ask(`/stock-locations/${id}/fulfillment-providers`, { add: ['manual_manual'] });
  return id;
}

async function openShipping(ask, location, profile) {
  const set = `/stock-locations/${location}/fulfillment-sets?fields=*fulfillment_sets`;
  const sets = (await ask(set, { name: 'Parcels', type: 'shipping' })).stock_location.fulfillment_sets;
  const zone = { name: 'Germany', geo_zones: [{ type: 'country', country_code: country }] };
  const zones = (await ask(`/fulfillment-sets/${sets[0].id}/service-zones`, zone)).fulfillment_set.service_zones;
  const { shipping_option: option } = await ask('/shipping-options', {
    name: 'Standard', service_zone_id: zones[0].id, shipping_profile_id: profile, provider_id: 'manual_manual',
    price_type: 'flat', type: { label: 'Standard', description: 'Parcel', code: 'standard' },
    prices: [{ currency_code: 'eur', amount: 5 }],
    rules: [{ attribute: 'enabled_in_store', value: 'true', operator: 'eq' },
            { attribute: 'is_return', value: 'false', operator: 'eq' }],
  });
  return option.id;
}

async function main() {
  migrate();
  const { default: start } = require('@medusajs/medusa/commands/start');
  const { server } = await start({ directory: __dirname, port, host });
  if (!server.listening) await new Promise(resolve => server.once('listening', resolve));
  const key = await secretKey();
  console.log(JSON.stringify({ ready: true, login: { api_key: key }, made: await fill(merchant(key)) }));
}

main().catch(error => { console.error(error); process.exit(1); });
