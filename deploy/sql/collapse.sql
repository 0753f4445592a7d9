-- Turns evaluations into weighted cells: `ctxfit fit -` fits the cells as it would fit the evaluations. Runs on DuckDB
-- and on Spark SQL as it stands, and reads a table or view `evaluations` with every column of `ctxfit fit`. What the
-- data lack is NULL:
--
--   CREATE VIEW evaluations AS
--   SELECT training_compute_flops, prompt_tokens, context_limit_tokens, score, NULL AS weight, NULL AS score_variance,
--          run AS cluster, NULL AS cluster_2, NULL AS task, model
--   FROM scores
--
-- What stays the same:
--   cluster in every row   estimates, intervals and goodness, but for the mean absolute errors, which are of cell means
--   cluster NULL           estimates and goodness likewise. Intervals are others: single evaluations are no longer
--                          there to be resampled, whole cells are, as if each were a cluster
-- A cluster_2 that is NULL is the model level, as in ctxfit. Cells are not for Huber's loss, which needs every score.
WITH evaluation AS (
  SELECT
    COALESCE(CAST(task AS STRING), '') AS task,
    COALESCE(CAST(model AS STRING), '') AS model,
    training_compute_flops,
    prompt_tokens,
    context_limit_tokens,
    CAST(cluster AS STRING) AS cluster,
    CAST(cluster_2 AS STRING) AS cluster_2,
    CAST(score AS DOUBLE) AS score,
    COALESCE(CAST(weight AS DOUBLE), 1) AS weight,
    COALESCE(CAST(score_variance AS DOUBLE), 0) AS score_variance
  FROM evaluations
),
-- One pass, whose partial sums engines merge. With means over evaluations, m the weighted mean of the scores s:
--   sum w (s - m)^2 / sum w = [cov(w s, s) - m cov(w, s)] / mean(w)
-- Engines accumulate covariances about running means, so nothing cancels here as it does in mean(s^2) - m^2.
cell AS (
  SELECT
    task, model, training_compute_flops, prompt_tokens, context_limit_tokens, cluster, cluster_2,
    SUM(weight) AS weight_sum,
    SUM(weight * score) / SUM(weight) AS score_mean,
    COVAR_POP(weight * score, score) AS covariance_weighted,
    COVAR_POP(weight, score) AS covariance,
    AVG(weight) AS weight_mean,
    SUM(weight * score_variance) / SUM(weight) AS variance_within,
    COUNT(score) = COUNT(*) AND MIN(score) >= 0 AND MAX(score) <= 1
      AND MIN(weight) > 0 AND MIN(score_variance) >= 0
      AND MAX(score_variance - score * (1 - score)) <= 1e-9 AS usable
  FROM evaluation
  GROUP BY task, model, training_compute_flops, prompt_tokens, context_limit_tokens, cluster, cluster_2
)
SELECT
  task,
  model,
  training_compute_flops,
  prompt_tokens,
  context_limit_tokens,
  -- In the place of NULL, labels that sort as ctxfit sorts what has no label: each gets the same random numbers.
  COALESCE(cluster, 'cell ' || CAST(1000000000 + ROW_NUMBER() OVER (
    PARTITION BY task
    ORDER BY prompt_tokens, training_compute_flops, context_limit_tokens, score_mean, weight_sum, model
  ) AS STRING)) AS cluster,
  COALESCE(cluster_2, 'level ' || CAST(1000000000 + DENSE_RANK() OVER (
    PARTITION BY task ORDER BY training_compute_flops, context_limit_tokens
  ) AS STRING)) AS cluster_2,
  weight_sum AS weight,
  -- ctxfit refuses a cell without a score, as it would have refused the evaluation that must not vanish in a mean.
  CASE WHEN usable THEN score_mean END AS score,
  -- Rounding may leave a little less than 0.
  GREATEST(0, (covariance_weighted - score_mean * covariance) / weight_mean + variance_within) AS score_variance
FROM cell
ORDER BY task, prompt_tokens, training_compute_flops, context_limit_tokens, model, cluster, cluster_2
