import * as React from 'react';
import { CodeBlock } from './CodeBlock';
import { readMarkdown, type Block, type Inline } from './readMarkdown';

/** A page written in Markdown. */
export function Markdown({ text }: { text: string }): React.ReactElement {
  const blocks = React.useMemo(() => readMarkdown(text), [text]);
  return (
    <>
      {blocks.map((block, index) => (
        <BlockView key={index} block={block} />
      ))}
    </>
  );
}

function BlockView({ block }: { block: Block }): React.ReactElement {
  switch (block.kind) {
    case 'heading':
      return React.createElement(`h${block.level}`, null, <Line content={block.content} />);
    case 'paragraph':
      return (
        <p>
          <Line content={block.content} />
        </p>
      );
    case 'list':
      return React.createElement(
        block.isOrdered ? 'ol' : 'ul',
        null,
        ...block.items.map((content, index) => (
          <li key={index}>
            <Line content={content} />
          </li>
        )),
      );
    case 'table':
      return <Table head={block.head} rows={block.rows} />;
    case 'code':
      return <CodeBlock text={block.text} />;
  }
}

function Table({ head, rows }: { head: Inline[][]; rows: Inline[][][] }) {
  return (
    <div className="table" tabIndex={0} role="region" aria-label="Table">
      <table>
        <thead>
          <tr>
            {head.map((content, index) => (
              <th key={index} scope="col">
                <Line content={content} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, row) => (
            <tr key={row}>
              {cells.map((content, index) => (
                <td key={index}>
                  <Line content={content} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Line({ content }: { content: readonly Inline[] }) {
  return (
    <>
      {content.map((part, index) => {
        switch (part.kind) {
          case 'text':
            return part.text;
          case 'code':
            return <code key={index}>{part.text}</code>;
          case 'strong':
            return <strong key={index}>{part.text}</strong>;
          case 'link':
            return (
              <a key={index} href={part.href}>
                {part.text}
              </a>
            );
        }
      })}
    </>
  );
}
