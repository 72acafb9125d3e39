-- What the shop starts with. Rows that are there already stay as they are.

INSERT INTO customers (id, name, email, city, postcode, updated_by) VALUES
  ('0190a000-0000-7000-8000-000000000001', 'Ada Byron', 'ada.byron@example.com', 'London', 'SW1Y 4LB', 'seed'),
  ('0190a000-0000-7000-8000-000000000002', 'Ravi Menon', 'ravi.menon@example.com', 'Leeds', 'LS1 5ES', 'seed'),
  ('0190a000-0000-7000-8000-000000000003', 'Greta Lind', 'greta.lind@example.com', 'Bristol', 'BS1 4DJ', 'seed'),
  ('0190a000-0000-7000-8000-000000000004', 'Tomas Ferreira', 'tomas.ferreira@example.com', 'Cardiff', 'CF10 1EP', 'seed'),
  ('0190a000-0000-7000-8000-000000000005', 'Mei Tanaka', 'mei.tanaka@example.com', 'Glasgow', 'G2 1DU', 'seed'),
  ('0190a000-0000-7000-8000-000000000006', 'Isla Morrison', 'isla.morrison@example.com', 'Edinburgh', 'EH1 1YZ', 'seed')
ON CONFLICT DO NOTHING;

INSERT INTO products (id, sku, name, description, price_cents, updated_by) VALUES
  ('0190a000-0000-7000-8000-000000000101', 'KETTLE-1L', 'Gooseneck kettle', 'Steel, one litre, pours slowly', 4900, 'seed'),
  ('0190a000-0000-7000-8000-000000000102', 'TEA-ASSAM', 'Assam, loose leaf', 'Malty second flush, 250 g', 1150, 'seed'),
  ('0190a000-0000-7000-8000-000000000103', 'TEA-SENCHA', 'Sencha', 'First harvest, 100 g', 1400, 'seed'),
  ('0190a000-0000-7000-8000-000000000104', 'COFFEE-YIRG', 'Yirgacheffe beans', 'Washed, light roast, 500 g', 1850, 'seed'),
  ('0190a000-0000-7000-8000-000000000105', 'MUG-STONE', 'Stoneware mug', 'Thrown by hand, 300 ml', 1600, 'seed'),
  ('0190a000-0000-7000-8000-000000000106', 'SCALE-01', 'Brewing scale', 'A tenth of a gram, with timer', 3200, 'seed')
ON CONFLICT DO NOTHING;

INSERT INTO inventory (id, sku, on_hand, reorder_point, reorder_quantity, updated_by) VALUES
  ('0190a000-0000-7000-8000-000000000201', 'KETTLE-1L', 40, 10, 40, 'seed'),
  ('0190a000-0000-7000-8000-000000000202', 'TEA-ASSAM', 80, 20, 80, 'seed'),
  ('0190a000-0000-7000-8000-000000000203', 'TEA-SENCHA', 60, 15, 60, 'seed'),
  ('0190a000-0000-7000-8000-000000000204', 'COFFEE-YIRG', 60, 15, 60, 'seed'),
  ('0190a000-0000-7000-8000-000000000205', 'MUG-STONE', 30, 8, 24, 'seed'),
  ('0190a000-0000-7000-8000-000000000206', 'SCALE-01', 14, 10, 20, 'seed')
ON CONFLICT DO NOTHING;
