#pragma once

#include <cstdint>

namespace gpubench::serving {

/// A queue of c equal servers in front of which all wait in one line. Rates a second; a queue whose utilisation is 1 or
/// more has no steady state: its mean waits are infinite and every tail is 1.
struct queue {
  double arrival_rate = 0;
  double service_rate = 1;  ///< of one server
  std::int64_t servers = 1;
  double offered_erlangs() const { return arrival_rate / service_rate; }
  double utilisation() const { return offered_erlangs() / static_cast<double>(servers); }
};

/// Squared coefficients of variation (variance over mean squared) of the times between arrivals and of the services:
/// 1 for exponential times, 0 for constant ones.
struct variability {
  double arrivals = 1, services = 1;
};

/// Share of arrivals that M/M/c/c loses. Source: Erlang, "Solution of some problems in the theory of probabilities of
/// significance in automatic telephone exchanges" (1917), formula B; recursion B(c) = a B(c-1) / (c + a B(c-1)).
double erlang_b(double offered_erlangs, std::int64_t servers);

/// P(wait > 0) in M/M/c, C = B / (1 - rho (1 - B)): Erlang's formula C, same source.
double erlang_c(double offered_erlangs, std::int64_t servers);

/// Mean wait before service in M/M/c: C / (c mu - lambda).
double mmc_mean_wait_seconds(const queue& q);

/// P(wait > t) in M/M/c: C exp(-(c mu - lambda) t).
double mmc_wait_tail(const queue& q, double seconds);

/// The wait that a share `quantile` of requests stays within: the inverse of the tail, 0 where fewer wait at all.
double mmc_wait_quantile_seconds(const queue& q, double quantile);

/// Mean wait in M/G/1: rho (1 + Cs^2) / (2 mu (1 - rho)); M/D/1 for Cs^2 = 0. One server, whatever q.servers says.
/// Source: Pollaczek (1930) and Khinchine (1932), as in Kleinrock, Queueing Systems I (1975), section 5.6.
double mg1_mean_wait_seconds(const queue& q, double services_squared_cv);

/// Mean wait in G/G/c, approximately: (Ca^2 + Cs^2) / 2 of that in M/M/c; exact for M/M/c and M/G/1.
/// Source: Allen, Probability, Statistics, and Queueing Theory (2nd ed. 1990), the Allen-Cunneen approximation.
double allen_cunneen_mean_wait_seconds(const queue& q, const variability& v);

/// The same without Erlang's C: (Ca^2 + Cs^2) / 2 * rho^(sqrt(2 (c + 1)) - 1) / (c (1 - rho)) / mu.
/// Source: Sakasegawa, "An approximation formula L_q = alpha rho^beta / (1 - rho)", Ann. Inst. Statist. Math. 29
/// (1977).
double sakasegawa_mean_wait_seconds(const queue& q, const variability& v);

/// P(wait > t) in G/G/c, approximately: C exp(-2 (c mu - lambda) t / (Ca^2 + Cs^2)), the heavy-traffic exponent on
/// M/M/c's chance to wait; exact for M/M/c. Source: Kingman, "On queues in heavy traffic", J. R. Stat. Soc. B 24
/// (1962).
double ggc_wait_tail(const queue& q, const variability& v, double seconds);

}  // namespace gpubench::serving
