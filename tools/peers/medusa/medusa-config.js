// What our Medusa runs with: PostgreSQL and nothing else. Env: DATABASE_URL, SECRET.
const { defineConfig } = require('@medusajs/framework/utils');

module.exports = defineConfig({
  projectConfig: {
    databaseUrl: process.env.DATABASE_URL,
    http: {
      storeCors: '*', adminCors: '*', authCors: '*',
      jwtSecret: process.env.SECRET, cookieSecret: process.env.SECRET,
    },
  },
  admin: { disable: true },
});
