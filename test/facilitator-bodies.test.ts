// Bodies that are no orders: each is the client's fault, told as such, and forgotten.
import { request as httpRequest } from 'node:http';
import { createConnection } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seeded } from './campaign/random.js';
