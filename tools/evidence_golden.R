# Pools every table of a JSON file with metafor, its convergence tightened, and writes what it finds as JSON.
# Usage: Rscript tools/evidence_golden.R INPUT OUTPUT        (make golden runs it; the tests need no R)
suppressMessages({ library(metafor); library(jsonlite) })

arguments <- commandArgs(trailingOnly = TRUE)
tight <- list(threshold = 1e-13, maxiter = 100000)

effects_of <- function(table) {
  if (is.null(table$ai)) return(list(yi = table$yi, vi = table$sei^2))
  drop <- table$measure != "RD"
  es <- escalc(measure = table$measure, ai = table$ai, n1i = table$n1i, ci = table$ci, n2i = table$n2i,
               add = 1/2, to = "only0", drop00 = drop)
  list(yi = as.numeric(es$yi), vi = as.numeric(es$vi))
}

pooled <- function(table) {
  es <- effects_of(table)
  fit <- rma(yi = es$yi, vi = es$vi, method = "REML", test = "knha", control = tight)
  normal <- rma(yi = es$yi, vi = es$vi, method = "REML", test = "z", control = tight)
  ahead <- predict(fit)
  profile <- confint(fit, control = list(tol = 1e-13, maxiter = 100000, tau2.max = 1e5))$random
  list(name = unbox(table$name), yi = es$yi, sei = sqrt(es$vi), k = unbox(fit$k), estimate = unbox(as.numeric(fit$b)),
       se = unbox(fit$se), lower = unbox(fit$ci.lb), upper = unbox(fit$ci.ub),
       normal_lower = unbox(normal$ci.lb), normal_upper = unbox(normal$ci.ub),
       prediction_lower = unbox(ahead$pi.lb), prediction_upper = unbox(ahead$pi.ub),
       tau2 = unbox(fit$tau2), tau2_lower = unbox(profile["tau^2", "ci.lb"]), tau2_upper = unbox(profile["tau^2", "ci.ub"]),
       i2 = unbox(fit$I2), i2_lower = unbox(profile["I^2(%)", "ci.lb"]), i2_upper = unbox(profile["I^2(%)", "ci.ub"]),
       q = unbox(fit$QE), q_p = unbox(fit$QEp), df = unbox(fit$k - 1), weights = as.numeric(weights(fit)))
}

tables <- fromJSON(arguments[1], simplifyVector = TRUE, simplifyDataFrame = FALSE)
versions <- list(R = unbox(R.version.string), metafor = unbox(as.character(packageVersion("metafor"))))
write_json(list(versions = versions, pooled = lapply(tables, pooled)), arguments[2], digits = I(17), pretty = FALSE)
