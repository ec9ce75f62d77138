/** Which model and which tree answer: an answer without them cannot be checked later. */
import type { Ready } from '../api.js';

export function PageFooter({ ready, waiting }: { ready: Ready | null; waiting: string | null }) {
  return (
    <footer class="page-footer">
      {ready ? (
        <>
          <span>
            分类体系 <span class="footer-value">{ready.taxonomy.title}</span>（{ready.taxonomy.id}{' '}
            {ready.taxonomy.version}，{ready.taxonomy.depth} 级）
          </span>
          <span>
            模型 <span class="footer-value">{ready.model.id}</span> {ready.model.version}，训练于{' '}
            {ready.model.trainedAt.slice(0, 10)}
          </span>
        </>
      ) : (
        <span role="status">{waiting ?? '正在连接服务器…'}</span>
      )}
      <a href="/docs">接口文档</a>
    </footer>
  );
}
