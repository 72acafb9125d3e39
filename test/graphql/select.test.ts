import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLibrary, type Library } from './support/library.ts'

let library: Library
beforeAll(async () => {
  library = await createLibrary()
})
afterAll(() => library.database.drop())

const titles = async (args: string, variables = {}, types = ''): Promise<string[]> => {
  const { article } = await library.data(`query ${types} { article(${args}) { title } }`, variables)
  return article.map((row: { title: string }) => row.title)
}

describe('rows', () => {
  it('come by primary key, or are null', async () => {
    const query = 'query ($id: Int!) { author_by_pk(id: $id) { id name mail } }'
    expect(await library.data(query, { id: 1 })).toEqual({
      author_by_pk: { id: 1, name: 'Ann', mail: 'ann@example.com' },
    })
    expect(await library.data(query, { id: 77 })).toEqual({ author_by_pk: null })
  })

  it('keep the order of keys, aliases and several root fields', async () => {
    const text = await library.text(
      '{ b: author(limit: 1, order_by: {id: asc}) { n: name id __typename } __typename a: author_by_pk(id: 2) { id } }',
    )
    expect(text).toBe(
      '{"data":{"b":[{"n":"Ann","id":1,"__typename":"author"}],"__typename":"query_root","a":{"id":2}}}',
    )
  })

  it('nest with arguments of their own, over foreign keys in both directions', async () => {
    expect(
      await library.data(`{
        author(order_by: { id: asc }) {
          name
          manager { name }
          reports(order_by: { name: desc }) { name }
          articles(where: { published: { _eq: true } }, order_by: { id: desc }, limit: 1, offset: 1) { title author { name } }
          articles_aggregate { aggregate { count max { rating } } nodes { id } }
        }
      }`),
    ).toEqual({
      author: [
        {
          name: 'Ann',
          manager: null,
          reports: [{ name: 'Cy' }, { name: 'Bob' }],
          articles: [],
          articles_aggregate: { aggregate: { count: 2, max: { rating: 4.5 } }, nodes: [{ id: 1 }, { id: 2 }] },
        },
        {
          name: 'Bob',
          manager: { name: 'Ann' },
          reports: [],
          articles: [{ title: 'Gamma', author: { name: 'Bob' } }],
          articles_aggregate: {
            aggregate: { count: 2, max: { rating: expect.any(Number) } },
            nodes: expect.any(Array),
          },
        },
        {
          name: 'Cy',
          manager: { name: 'Ann' },
          reports: [],
          articles: [],
          articles_aggregate: { aggregate: { count: 0, max: { rating: null } }, nodes: [] },
        },
      ],
    })
  })

  it('come with every type as Hasura encodes it', async () => {
    const text = await library.text(
      '{ article_by_pk(id: 1) { id rating score price code tags matrix meta raw mood secret at local clock published } }',
    )
    expect(JSON.parse(text).data.article_by_pk).toEqual({
      id: 1,
      rating: 4.5,
      score: 1.5,
      price: '$9.99',
      code: 'AB  ',
      tags: ['red', 'blue'],
      matrix: [1, 2],
      meta: { a: { b: [10, 20] }, k: 1 },
      raw: { z: 1 },
      mood: 'calm',
      secret: '11111111-1111-4111-8111-111111111111',
      at: '2024-05-06T07:08:09.123456+00:00',
      local: '2024-05-06T07:08:09',
      clock: '07:08:09',
      published: true,
    })
    expect(
      await library.text('query ($id: bigint!) { article_by_pk(id: $id) { id rating } }', { id: '9007199254740993' }),
    ).toContain('"id":9007199254740993,"rating":12345678901234567890.123456789')
  })

  it('come from views, tables with odd names and custom root fields', async () => {
    expect(
      await library.data(
        '{ lib_published(order_by: {id: asc}, limit: 1) { title } oddOnes { select userName } oddOne(id: "22222222-2222-4222-8222-222222222222") { id } odd_table_aggregate { aggregate { count } } }',
      ),
    ).toEqual({
      lib_published: [{ title: 'Alpha' }],
      oddOnes: [{ select: 'x', userName: 'y' }],
      oddOne: { id: '22222222-2222-4222-8222-222222222222' },
      odd_table_aggregate: { aggregate: { count: 1 } },
    })
  })

  it('come from functions with arguments, defaults and session arguments', async () => {
    expect(await library.data('{ search_articles(args: {term: "a"}, order_by: {id: asc}) { title } }')).toEqual({
      search_articles: [{ title: 'Alpha' }, { title: 'Beta_x' }, { title: 'Gamma' }],
    })
    expect(
      await library.data(
        'query ($min: numeric) { search_articles(args: {min_rating: $min, term: "a"}) { title } search_articles_aggregate(args: {term: "a"}, where: {published: {_eq: true}}) { aggregate { count } } }',
        { min: 4 },
      ),
    ).toEqual({ search_articles: [{ title: 'Alpha' }], search_articles_aggregate: { aggregate: { count: 2 } } })
    expect(
      await library.data('{ lib_mine(order_by: {id: asc}, limit: 1) { title } }', {}, 'admin', {
        'x-hasura-user-id': '2',
      }),
    ).toEqual({
      lib_mine: [{ title: 'Gamma' }],
    })
  })

  it('show a part of a JSON column by path', async () => {
    expect(
      await library.data(
        'query ($path: String) { article_by_pk(id: 1) { all: meta(path: "$") b: meta(path: "$.a.b[1]") c: meta(path: "a.b") q: meta(path: "$[\\"a\\"].[\'b\'].[0]") v: meta(path: $path) none: meta(path: "x.y") } }',
        { path: 'k' },
      ),
    ).toEqual({ article_by_pk: { all: { a: { b: [10, 20] }, k: 1 }, b: 20, c: [10, 20], q: 10, v: 1, none: null } })
  })

  it('turn numbers into strings when asked to', async () => {
    const stringly = await createLibrary({ stringifyNumericTypes: true })
    const { article_by_pk: article, article_aggregate: sums } = await stringly.data(
      '{ article_by_pk(id: 1) { id rating score author_id } article_aggregate { aggregate { count max { id rating } sum { score } } } }',
    )
    expect(article).toEqual({ id: '1', rating: '4.50', score: '1.5', author_id: 1 })
    expect(sums.aggregate).toEqual({
      count: 4,
      max: { id: '9007199254740993', rating: '12345678901234567890.123456789' },
      sum: { score: '4' },
    })
    await stringly.database.drop()
  })

  it('may have aliases longer than a Postgres name', async () => {
    const long = 'a'.repeat(100)
    expect(
      await library.data(
        `{ author(limit: 1, order_by: {id: asc}) { ${long}1: name ${long}2: id articles { ${long}: id } } }`,
      ),
    ).toEqual({
      author: [{ [`${long}1`]: 'Ann', [`${long}2`]: 1, articles: [{ [long]: 1 }, { [long]: 2 }] }],
    })
  })
})

describe('where', () => {
  it.each([
    ['where: {}', ['Alpha', 'Beta_x', 'Gamma', 'Huge']],
    ['where: null', ['Alpha', 'Beta_x', 'Gamma', 'Huge']],
    ['where: {_or: []}', []],
    ['where: {_and: []}', ['Alpha', 'Beta_x', 'Gamma', 'Huge']],
    ['where: {_not: {}}', []],
    ['where: {_not: {id: {_eq: 1}}}', ['Beta_x', 'Gamma', 'Huge']],
    ['where: {_or: [{id: {_eq: 1}}, {title: {_eq: "Gamma"}}]}', ['Alpha', 'Gamma']],
    ['where: {id: {_in: [1, "3"]}}', ['Alpha', 'Gamma']],
    ['where: {id: {_in: 1}}', ['Alpha']],
    ['where: {id: {_in: []}}', []],
    ['where: {title: {_in: "Alpha"}}', ['Alpha']],
    ['where: {id: {_nin: [1, 3]}}', ['Beta_x', 'Huge']],
    ['where: {id: {_gt: 1, _lte: 3}}', ['Beta_x', 'Gamma']],
    ['where: {id: {_gte: 9007199254740993}}', ['Huge']],
    ['where: {title: {_neq: "Alpha"}}', ['Beta_x', 'Gamma', 'Huge']],
    ['where: {rating: {_is_null: true}}', ['Gamma']],
    ['where: {rating: {_is_null: false, _lt: 4}}', ['Beta_x']],
    ['where: {title: {_like: "%a"}}', ['Alpha', 'Gamma']],
    ['where: {title: {_nlike: "%a"}}', ['Beta_x', 'Huge']],
    ['where: {title: {_ilike: "a%"}}', ['Alpha']],
    ['where: {title: {_nilike: "a%"}}', ['Beta_x', 'Gamma', 'Huge']],
    ['where: {title: {_similar: "(A|G)%"}}', ['Alpha', 'Gamma']],
    ['where: {title: {_nsimilar: "(A|G)%"}}', ['Beta_x', 'Huge']],
    ['where: {title: {_regex: "^[AG]"}}', ['Alpha', 'Gamma']],
    ['where: {title: {_nregex: "^[AG]"}}', ['Beta_x', 'Huge']],
    ['where: {title: {_iregex: "^[ag]"}}', ['Alpha', 'Gamma']],
    ['where: {title: {_niregex: "^[ag]"}}', ['Beta_x', 'Huge']],
    ['where: {published: {_eq: false}}', ['Beta_x']],
    ['where: {secret: {_eq: "11111111-1111-4111-8111-111111111111"}}', ['Alpha']],
    ['where: {at: {_gt: "2024-01-01"}}', ['Alpha']],
    ['where: {local: {_lt: "2025-01-01T00:00:00"}}', ['Alpha']],
    ['where: {code: {_eq: "AB"}}', ['Alpha']],
    ['where: {mood: {_eq: "wild"}}', ['Beta_x']],
    ['where: {mood: {_in: [calm, wild]}}', ['Alpha', 'Beta_x']],
    ['where: {score: {_gt: 2}}', ['Beta_x']],
    ['where: {tags: {_contains: ["red"]}}', ['Alpha', 'Beta_x']],
    ['where: {tags: {_contained_in: ["red", "green"]}}', ['Beta_x', 'Huge']],
    ['where: {tags: {_eq: "{red,blue}"}}', ['Alpha']],
    ['where: {meta: {_contains: {a: {b: [10]}}}}', ['Alpha']],
    ['where: {meta: {_contained_in: {k: 2, z: 1}}}', ['Beta_x']],
    ['where: {meta: {_has_key: "a"}}', ['Alpha']],
    ['where: {meta: {_has_keys_any: ["a", "k"]}}', ['Alpha', 'Beta_x']],
    ['where: {meta: {_has_keys_all: ["a", "k"]}}', ['Alpha']],
    ['where: {meta: {_cast: {String: {_ilike: "%\\"K\\": 2%"}}}}', ['Beta_x']],
    ['where: {author: {name: {_eq: "Bob"}}}', ['Gamma', 'Huge']],
    ['where: {author: {manager: {}}}', ['Gamma', 'Huge']],
    ['where: {author: {articles: {title: {_eq: "Alpha"}}}}', ['Alpha', 'Beta_x']],
    [
      'where: {author: {articles_aggregate: {count: {predicate: {_gt: 1}, filter: {published: {_eq: true}}}}}}',
      ['Gamma', 'Huge'],
    ],
    [
      'where: {author: {articles_aggregate: {bool_and: {arguments: published, predicate: {_eq: true}}}}}',
      ['Gamma', 'Huge'],
    ],
    [
      'where: {author: {reports_aggregate: {count: {predicate: {_eq: 0}, arguments: [mail], distinct: true}}}}',
      ['Gamma', 'Huge'],
    ],
  ])('%s', async (args, expected) => {
    expect(await titles(`${args}, order_by: {id: asc}`)).toEqual(expected)
  })

  it('takes its parts, or all of it, from variables', async () => {
    const all = ['Alpha', 'Beta_x', 'Gamma', 'Huge']
    const order = 'order_by: {id: asc}'
    expect(await titles(`where: $w, ${order}`, { w: { id: { _eq: 1 } } }, '($w: article_bool_exp)')).toEqual(['Alpha'])
    expect(await titles(`where: $w, ${order}`, {}, '($w: article_bool_exp)')).toEqual(all)
    expect(await titles(`where: {id: {_in: $ids}}, ${order}`, { ids: [1, 2] }, '($ids: [bigint!])')).toEqual(
      all.slice(0, 2),
    )
    expect(
      await titles(
        `where: {_and: $all}, ${order}`,
        { all: [{ published: { _eq: true } }] },
        '($all: [article_bool_exp!])',
      ),
    ).toEqual(['Alpha', 'Gamma', 'Huge'])
    expect(await titles(`where: {meta: {_contains: $m}}, ${order}`, { m: { k: 2 } }, '($m: jsonb)')).toEqual(['Beta_x'])
    expect(await titles(`where: {meta: {_contains: {k: $k}}}, ${order}`, { k: 2 }, '($k: jsonb)')).toEqual(['Beta_x'])
    expect(
      await titles(
        `where: {secret: {_eq: $s}}, ${order}`,
        { s: '11111111-1111-4111-8111-111111111111' },
        '($s: String!)',
      ),
    ).toEqual(['Alpha'])
  })

  it('an absent variable is no condition, a default value is one', async () => {
    expect(await titles('where: {title: {_eq: $t}}', {}, '($t: String)')).toHaveLength(4)
    expect(await titles('where: {title: {_eq: $t}}', {}, '($t: String = "Gamma")')).toEqual(['Gamma'])
    expect(await titles('where: {title: {_eq: $t}}', { t: 'Huge' }, '($t: String = "Gamma")')).toEqual(['Huge'])
  })
})

describe('order and pages', () => {
  it.each([
    ['order_by: {rating: asc}', ['Beta_x', 'Alpha', 'Huge', 'Gamma']],
    ['order_by: {rating: desc}', ['Gamma', 'Huge', 'Alpha', 'Beta_x']],
    ['order_by: {rating: asc_nulls_first}', ['Gamma', 'Beta_x', 'Alpha', 'Huge']],
    ['order_by: {rating: desc_nulls_last}', ['Huge', 'Alpha', 'Beta_x', 'Gamma']],
    ['order_by: [{published: asc}, {id: desc}]', ['Beta_x', 'Huge', 'Gamma', 'Alpha']],
    ['order_by: {author: {name: desc}, id: asc}', ['Gamma', 'Huge', 'Alpha', 'Beta_x']],
    ['order_by: [{author: {articles_aggregate: {max: {id: desc}}}}, {id: asc}]', ['Gamma', 'Huge', 'Alpha', 'Beta_x']],
    ['order_by: [{author: {reports_aggregate: {count: asc}}}, {id: desc}]', ['Huge', 'Gamma', 'Beta_x', 'Alpha']],
    ['order_by: {id: asc}, limit: 2', ['Alpha', 'Beta_x']],
    ['order_by: {id: asc}, limit: 2, offset: 1', ['Beta_x', 'Gamma']],
    ['order_by: {id: asc}, offset: "3"', ['Huge']],
    ['order_by: {id: asc}, limit: 0', []],
    ['order_by: null, limit: null, offset: null, where: {id: {_eq: 1}}', ['Alpha']],
    ['distinct_on: author_id, order_by: [{author_id: asc}, {id: desc}]', ['Beta_x', 'Huge']],
    ['distinct_on: [author_id]', [expect.any(String), expect.any(String)]],
  ])('%s', async (args, expected) => {
    expect(await titles(args)).toEqual(expected)
  })

  it('takes limit, offset and order from variables', async () => {
    const types = '($l: Int, $o: Int = 1, $by: [article_order_by!], $way: order_by)'
    expect(
      await titles(
        'limit: $l, offset: $o, order_by: $by',
        { l: 2, by: { id: 'asc' } },
        '($l: Int, $o: Int = 1, $by: [article_order_by!])',
      ),
    ).toEqual(['Beta_x', 'Gamma'])
    expect(
      await titles(
        'limit: $l, offset: $o, order_by: [{id: $way}, {id: asc}]',
        { l: 1, o: 0, way: 'desc' },
        types.replace(', $by: [article_order_by!]', ''),
      ),
    ).toEqual(['Huge'])
  })
})

describe('aggregates', () => {
  it('count, sum and compare over what the arguments choose', async () => {
    expect(
      await library.data(`{
        article_aggregate(where: { id: { _lt: 100 } }) {
          __typename
          aggregate {
            __typename
            all: count
            rated: count(columns: rating)
            authors: count(columns: [author_id], distinct: true)
            avg { author_id }
            sum { id author_id }
            min { title at }
            max { tags __typename }
          }
          nodes { id }
        }
        none: article_aggregate(where: { id: { _lt: 0 } }) { aggregate { count sum { id } } nodes { id } }
        page: article_aggregate(limit: 2, order_by: { id: asc }) { aggregate { count max { id } } nodes { id } }
        names: article_aggregate { aggregate { __typename } }
      }`),
    ).toEqual({
      article_aggregate: {
        __typename: 'article_aggregate',
        aggregate: {
          __typename: 'article_aggregate_fields',
          all: 3,
          rated: 2,
          authors: 2,
          avg: { author_id: 4 / 3 },
          sum: { id: 6, author_id: 4 },
          min: { title: 'Alpha', at: '2024-05-06T07:08:09.123456+00:00' },
          max: { tags: ['red', 'blue'], __typename: 'article_max_fields' },
        },
        nodes: [{ id: 1 }, { id: 2 }, { id: 3 }],
      },
      none: { aggregate: { count: 0, sum: { id: null } }, nodes: [] },
      page: { aggregate: { count: 2, max: { id: 2 } }, nodes: [{ id: 1 }, { id: 2 }] },
      names: { aggregate: { __typename: 'article_aggregate_fields' } },
    })
  })
})

describe('documents', () => {
  it('may use fragments, inline fragments and directives', async () => {
    expect(
      await library.data(
        `query ($yes: Boolean!, $no: Boolean = false) {
          author(where: { id: { _eq: 1 } }) { ...Names ...Names ... on author @include(if: $yes) { articles { id } } articles { title } id @skip(if: $yes) mail @include(if: $no) }
        }
        fragment Names on author { name manager { ...Manager } }
        fragment Manager on author { name }`,
        { yes: true },
      ),
    ).toEqual({
      author: [
        {
          name: 'Ann',
          manager: null,
          articles: [
            { id: 1, title: 'Alpha' },
            { id: 2, title: 'Beta_x' },
          ],
        },
      ],
    })
  })

  it('run the operation that operationName says', async () => {
    const query = 'query A { author_by_pk(id: 1) { name } } query B { author_by_pk(id: 2) { name } }'
    const run = (operationName: string) =>
      library.engine.execute({ query, operationName }, { role: 'admin', variables: {} })
    expect(await run('A')).toBe('{"data":{"author_by_pk":{"name":"Ann"}}}')
    expect(await run('B')).toBe('{"data":{"author_by_pk":{"name":"Bob"}}}')
    expect(JSON.parse(await run('C')).errors[0].message).toBe('no such operation found in the document: "C"')
  })

  it('come in batches, whose mistakes stay with their request', async () => {
    const batch = [{ query: '{ author_by_pk(id: 1) { name } }' }, { query: '{ nothing }' }, 7]
    const answers = JSON.parse(await library.engine.execute(batch, { role: 'admin', variables: {} }))
    expect(answers).toHaveLength(3)
    expect(answers[0]).toEqual({ data: { author_by_pk: { name: 'Ann' } } })
    expect(answers[1].errors[0].extensions.path).toBe('$.selectionSet.nothing')
    expect(answers[2].errors[0].extensions.code).toBe('validation-failed')
    expect(await library.engine.execute([], { role: 'admin', variables: {} })).toBe('[]')
  })

  it('share a plan, whatever their variables contain', async () => {
    const query =
      'query ($t: String, $w: article_bool_exp!, $l: Int) { article(where: {_and: [{title: {_eq: $t}}, $w]}, limit: $l) { title } }'
    const ask = (variables: object) => library.data(query, variables).then(data => data.article.length)
    expect(await ask({ t: 'Alpha', w: {} })).toBe(1)
    expect(await ask({ t: 'Nobody', w: {} })).toBe(0)
    expect(await ask({ t: 'Alpha', w: { id: { _eq: 2 } } })).toBe(0)
    expect(await ask({ w: { published: { _eq: true } }, l: 2 })).toBe(2)
    expect(await ask({ w: { published: { _eq: true } }, l: 1 })).toBe(1)
    const error = await library.errors(query, { t: 7, w: {} })
    expect(error.message).toBe(`expected a string for type 'String', but found a number`)
  })
})
